import { Sds } from '../../../src/sds/index.js'
import { seededRandom } from './random.js'
import type { SdsConfig, SdsEffect, StagedMessage } from '../../../src/sds/index.js'
import type { StoreEntry, StoreOp } from '../../../src/storage/index.js'

export const START = 1_750_000_000_000

export interface MemberInit {
  senderId: string
  seed?: number
  config?: Partial<SdsConfig>
  now?: number
  channelId?: string
  /** called with each message that leaves */
  publish?: (bytes: Uint8Array, from: Member) => void
}

/** An `Sds` with the little that a channel adds: a store, kept bytes, and acting on effects. */
export class Member {
  sds: Sds
  now: number
  readonly senderId: string
  /** every transaction that was committed, in order */
  readonly transactions: StoreOp[][] = []
  readonly store = new Map<string, Uint8Array>()
  /** message ID to bytes */
  readonly kept = new Map<string, Uint8Array>()
  /** IDs as they were released */
  readonly delivered: string[] = []
  readonly effects: SdsEffect[] = []
  readonly init: MemberInit

  constructor (init: MemberInit) {
    this.init = init
    this.senderId = init.senderId
    this.now = init.now ?? START
    this.sds = new Sds(this.sdsInit())
  }

  private sdsInit (): ConstructorParameters<typeof Sds>[0] {
    return {
      channelId: this.init.channelId ?? 'tea',
      senderId: this.senderId,
      config: this.init.config,
      random: seededRandom(this.init.seed ?? 1),
      now: this.now
    }
  }

  /** Starts again from what was committed, or from a given part of it. */
  restart (entries: Iterable<StoreEntry> = this.entries()): void {
    this.sds = Sds.restore(this.sdsInit(), entries)
  }

  entries (): StoreEntry[] {
    return Array.from(this.store, ([key, value]) => ({ key, value }))
  }

  commit (ops: StoreOp[]): void {
    if (ops.length > 0) {
      this.transactions.push(ops)
    }

    for (const { key, value } of ops) {
      if (value == null) {
        this.store.delete(key)
      } else {
        this.store.set(key, value)
      }
    }
  }

  /** Stages, applies and publishes. */
  send (...contents: string[]): StagedMessage[] {
    const staged = this.sds.stage(contents.map(content => [new TextEncoder().encode(content)]), this.now)
    this.commit(staged.ops)
    staged.apply(this.now)

    for (const message of staged.messages) {
      this.kept.set(message.messageId, message.bytes)
      this.init.publish?.(message.bytes, this)
      this.sds.dispatched(message.messageId, this.now)
    }

    this.commit(this.sds.takeOps())

    return staged.messages
  }

  receive (bytes: Uint8Array, context?: Parameters<Sds['receive']>[2]): SdsEffect[] {
    return this.act(this.sds.receive(bytes, this.now, context), bytes)
  }

  /** Ticks at every deadline up to `ms` from now. */
  run (ms: number): SdsEffect[] {
    const end = this.now + ms
    const out: SdsEffect[] = []

    for (let next = this.sds.nextDeadline(); next != null && next <= end; next = this.sds.nextDeadline()) {
      this.now = Math.max(this.now, next)
      out.push(...this.tick())
    }

    this.now = end
    out.push(...this.tick())

    return out
  }

  tick (): SdsEffect[] {
    return this.act(this.sds.tick(this.now))
  }

  act (effects: SdsEffect[], bytes?: Uint8Array): SdsEffect[] {
    this.commit(this.sds.takeOps())
    this.effects.push(...effects)

    for (const effect of effects) {
      if (effect.type === 'received' && bytes != null) {
        this.kept.set(effect.message.messageId, bytes)
      } else if (effect.type === 'released') {
        this.delivered.push(effect.messageId)
      } else if (effect.type === 'sync') {
        this.init.publish?.(effect.bytes, this)
      } else if (effect.type === 'transmit') {
        const kept = this.kept.get(effect.messageId)

        if (kept != null) {
          this.init.publish?.(kept, this)
        }
      }
    }

    return effects
  }

  log (): string[] {
    return this.sds.entries({ limit: Infinity }).map(entry => entry.messageId)
  }
}

/** Ticks until nothing is left that was due or ready at `now`. */
export function settle (sds: Sds, now: number): SdsEffect[] {
  const out: SdsEffect[] = []

  while ((sds.nextDeadline() ?? Infinity) <= now) {
    out.push(...sds.tick(now))
  }

  return out
}

export function types (effects: SdsEffect[]): string[] {
  return effects.map(effect => effect.type)
}

export function ofType<T extends SdsEffect['type']> (effects: SdsEffect[], type: T): Array<Extract<SdsEffect, { type: T }>> {
  return effects.filter((effect): effect is Extract<SdsEffect, { type: T }> => effect.type === type)
}
