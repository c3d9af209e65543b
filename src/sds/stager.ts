import { InvalidParametersError } from '@libp2p/interface'
import { encodeMessage } from './codec.js'
import { computeMessageId } from './ids.js'
import type { Ceilings } from './own-clock.js'
import type { Parts } from './receiver.js'
import type { HistoryEntry, MessageId, Staged, StagedMessage, StageOptions } from './types.js'

const MAX_SALT = 2n ** 64n - 1n

interface Draft extends StagedMessage {
  cites: MessageId[]
}

/** Wraps our own messages. What it makes becomes part of the state only when it is applied. */
export class Stager {
  constructor (private readonly parts: Parts) {}

  stage (contents: ReadonlyArray<readonly Uint8Array[]>, options: StageOptions): Staged {
    if (contents.length === 0 || contents.some(parts => parts.every(part => part.byteLength === 0))) {
      throw new InvalidParametersError('there must be at least one content, and none may be empty')
    }

    const { core } = this.parts
    const base = this.salts(contents.length, options.saltBase)
    const ephemeral = options.ephemeral === true
    const drafts = ephemeral ? this.ephemerals(contents, base) : this.messages(contents, base, options.parity === true)
    const ceilings = core.clock.ceilings()
    const covered = drafts.length === 1 ? drafts[0].cites : drafts.flatMap(draft => draft.cites)
    const { ops, commit } = this.record(ephemeral ? [] : drafts, covered, ceilings)
    let applied = false

    return {
      messages: drafts.map(({ messageId, idSalt, lamportTimestamp, bytes }) => ({ messageId, idSalt, lamportTimestamp, bytes })),
      ops,
      apply: (at) => {
        if (applied) {
          return
        }

        applied = true
        core.advance(at)
        commit()

        if (ceilings != null) {
          core.clock.stored(ceilings)
        }

        if (!ephemeral) {
          this.apply(drafts, covered)
        }
      }
    }
  }

  private salts (count: number, base: bigint | undefined): bigint {
    const { clock, wall } = this.parts.core

    if (base == null) {
      return clock.reserve(count, wall)
    }

    const last = base + BigInt(count) - 1n

    if (base < 0n || last > MAX_SALT) {
      throw new InvalidParametersError(`salts go from 0 to ${MAX_SALT}, not from ${base} to ${last}`)
    }

    clock.mergeSalt(last)

    return base
  }

  private messages (contents: ReadonlyArray<readonly Uint8Array[]>, base: bigint, parity: boolean): Draft[] {
    const { core, recent, requests, sync } = this.parts
    const bloomFilter = recent.toBytes(false)
    const frontier = core.log.cite(core.config.maxCausalHistory).map(slot => core.log.citation(slot))
    // a receiver that makes the first content from parity never sees what the first message cites
    const shared = parity ? frontier.slice(0, core.config.maxCausalHistory - 2) : []
    let history = frontier
    let repairRequest = requests.take()

    if (repairRequest.length > 0) {
      sync.requestsSent()
    }

    return contents.map((content, i) => {
      const idSalt = base + BigInt(i)
      const messageId = computeMessageId(core.senderId, idSalt, ...content)
      const lamportTimestamp = core.clock.tick(core.wall)

      if (core.seen.find(messageId) >= 0) {
        throw new InvalidParametersError(`salt ${idSalt} was used before, with the same content`)
      }

      const draft: Draft = {
        messageId,
        idSalt,
        lamportTimestamp,
        cites: history.map(entry => entry.messageId),
        bytes: encodeMessage({
          senderId: core.senderId,
          messageId,
          channelId: core.channelId,
          lamportTimestamp,
          causalHistory: history,
          bloomFilter,
          repairRequest,
          content,
          idSalt
        })
      }

      // the next one cites this one, and for redundancy the one before
      const citation: HistoryEntry = { messageId, senderId: core.senderId, lamportTimestamp }
      history = i === 0 ? [citation, ...shared] : [citation, history[0], ...shared]
      repairRequest = []

      return draft
    })
  }

  private ephemerals (contents: ReadonlyArray<readonly Uint8Array[]>, base: bigint): Draft[] {
    const { core } = this.parts

    return contents.map((content, i) => {
      const idSalt = base + BigInt(i)
      const messageId = computeMessageId(core.senderId, idSalt, ...content)

      return {
        messageId,
        idSalt,
        lamportTimestamp: 0,
        cites: [],
        bytes: encodeMessage({
          senderId: core.senderId,
          messageId,
          channelId: core.channelId,
          causalHistory: [],
          repairRequest: [],
          content,
          idSalt
        })
      }
    })
  }

  private record (drafts: readonly Draft[], covered: readonly MessageId[], ceilings: Ceilings | undefined): ReturnType<Parts['core']['recorder']['stage']> {
    const { core } = this.parts

    return core.recorder.stage(({ facts, passing }) => {
      if (ceilings != null) {
        passing.state(core.stateRecord(ceilings))
      }

      drafts.forEach(({ messageId, lamportTimestamp }) => { facts.log(messageId, lamportTimestamp, core.senderId, undefined) })
      covered.forEach(messageId => { passing.covered(messageId) })
    })
  }

  private apply (drafts: readonly Draft[], covered: readonly MessageId[]): void {
    const { core, acknowledgements, delivery, recent, sync } = this.parts

    for (const { messageId, lamportTimestamp, cites } of drafts) {
      const slot = core.seen.add(messageId, lamportTimestamp)

      core.recorder.count(lamportTimestamp, 1)
      delivery.append({ slot, cites }, core.senderId)
      acknowledgements.track(slot)
      recent.insert(slot, true)
      delivery.resolve(messageId)
    }

    sync.cited(covered, core.config.bloom === 'waku')
    sync.changed()
  }
}
