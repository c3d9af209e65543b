import { symmetric } from '../../dist/src/encryption/index.js'
import { keccak256 } from '../../dist/src/keccak.js'
import { decodeMessage, encodeMessage } from '../../dist/src/sds/codec.js'
import { computeMessageId, Sds } from '../../dist/src/sds/index.js'
import { Reassembly, segmentPayload, verifySegmentationConfig } from '../../dist/src/segmentation/index.js'
import { parseSegment } from '../../dist/src/segmentation/segment.js'
import { sha256 } from '../../dist/src/sha256.js'
import { systemRandom } from '../../dist/src/clock.js'
import { payloads } from './measure.ts'
import { KEY } from './ours.ts'
import type { Contestant } from './measure.ts'
import type { HistoryEntry } from '../../dist/src/sds/index.js'

const CONTEXT = { channelId: 'bench', contentTopic: 'bench', senderId: 'member-0' }

/** What the wire alone demands of one message at a sender and at a receiver: hashes, codecs, cipher. No state. */
export function stages (): { seal (payload: Uint8Array): Uint8Array, open (payload: Uint8Array): void } {
  const config = verifySegmentationConfig()
  const encryption = symmetric({ key: KEY })
  let history: HistoryEntry[] = []
  let salt = BigInt(Date.now()) * 1_000_000n

  return {
    seal: plain => {
      const [content] = segmentPayload(plain, config).contents
      const idSalt = salt++
      const messageId = computeMessageId(CONTEXT.senderId, idSalt, ...content)
      const lamportTimestamp = Number(idSalt / 1_000_000n)
      const bytes = encodeMessage({ senderId: CONTEXT.senderId, messageId, channelId: CONTEXT.channelId, lamportTimestamp, causalHistory: history, repairRequest: [], content, idSalt })
      const payload = encryption.encrypt(bytes, CONTEXT) as Uint8Array

      history = [{ messageId, senderId: CONTEXT.senderId, lamportTimestamp, retrievalHint: sha256(payload) }, ...history].slice(0, 2)

      return payload
    },
    open: payload => {
      sha256(payload)
      const message = decodeMessage(encryption.decrypt(payload, CONTEXT) as Uint8Array)

      computeMessageId(message.senderId, message.idSalt as bigint, message.content as Uint8Array)
      keccak256(parseSegment(message.content as Uint8Array).chunk)
    }
  }
}

/** The stages of both sides, one after the other. */
export function bareStages (size: number): Contestant {
  const next = payloads(size)
  const { seal, open } = stages()

  return { run: messages => { repeat(messages, () => { open(seal(next())) }) } }
}

/** The same through our own cores, with the state that they keep; what they want stored is taken and dropped. */
export function bareCores (size: number): Contestant {
  const next = payloads(size)
  const config = verifySegmentationConfig()
  const encryption = symmetric({ key: KEY })
  const [alice, bob] = ['alice', 'bob'].map(senderId => new Sds({ channelId: 'bench', senderId, random: systemRandom, now: Date.now() }))
  const reassembly = new Reassembly({ config })

  const one = (): void => {
    const now = Date.now()
    const staged = alice.stage(segmentPayload(next(), config).contents, now)
    const [{ messageId, bytes }] = staged.messages

    staged.apply(now)

    const payload = encryption.encrypt(bytes, CONTEXT) as Uint8Array

    alice.hint(messageId, sha256(payload))
    alice.dispatched(messageId, now)
    alice.takeOps()

    const content = encryption.decrypt(payload, CONTEXT) as Uint8Array

    for (const effect of bob.receive(content, now, { retrievalHint: sha256(payload) })) {
      if (effect.type === 'received') {
        const { message } = effect
        const result = reassembly.add({ content: message.content as Uint8Array, senderId: message.senderId, messageId: message.messageId, idSalt: message.idSalt }, now)

        if (result.state === 'complete') {
          reassembly.remove(result.setKey)
        }
      }
    }

    bob.takeOps()
    reassembly.takeOps()
  }

  return { run: messages => { repeat(messages, one) } }
}

function repeat (times: number, fn: () => void): void {
  for (let i = 0; i < times; i++) {
    fn()
  }
}
