import { Key } from 'interface-datastore'
import { peerIdFromString } from '@libp2p/peer-id'
import { LedgerRecord } from '../pb/ledger.js'
import type { Account } from './policy.js'
import type { Cancel, Clock } from '../../clock.js'
import type { Logger, PeerId } from '@libp2p/interface'
import type { Datastore } from 'interface-datastore'

const PREFIX = '/holdfast/exchange/ledger'

/** Changed accounts are written this often, with a ban, and when the exchange stops. */
const FLUSH_MS = 30_000

/** Channels that one peer can be banned from; the oldest ban goes. */
const MAX_BANS = 64

export interface LedgerInit {
  datastore?: Datastore
  maxPeers: number
  banMs: number
  clock: Clock
  log: Logger
}

interface Entry extends Account {
  /** until when, by channel */
  bans: Map<string, number>
}

/** Accounts and bans of all peers, kept over restarts where there is a datastore. */
export class Ledger {
  private readonly init: LedgerInit
  /** the one used longest ago first */
  private readonly entries = new Map<string, Entry>()
  private readonly dirty = new Set<string>()
  private readonly removed = new Set<string>()
  private timer?: Cancel
  private flushing: Promise<void> = Promise.resolve()

  constructor (init: LedgerInit) {
    this.init = init
  }

  /** Reads what is stored. What cannot be read counts as absent: it is bookkeeping, not a message. */
  async load (): Promise<void> {
    if (this.init.datastore == null) {
      return
    }

    const found: Entry[] = []

    for await (const { key, value } of this.init.datastore.query({ prefix: PREFIX })) {
      try {
        const { bans, latency, ...record } = LedgerRecord.decode(value, { limits: { bans: MAX_BANS } })
        const now = this.init.clock.now()

        found.push({
          ...record,
          peer: peerIdFromString(key.name()),
          latency,
          bans: new Map(bans.filter(({ until }) => until > now).map(({ channelId, until }) => [channelId, until]))
        })
      } catch (err) {
        this.init.log('the ledger entry at %s cannot be read - %e', key.toString(), err)
      }
    }

    found.sort((a, b) => a.lastSeen - b.lastSeen).slice(-this.init.maxPeers).forEach(entry => {
      this.entries.set(entry.peer.toString(), entry)
    })
  }

  /** Writes what changed and stops. */
  async close (): Promise<void> {
    this.timer?.()
    this.timer = undefined
    await this.flush()
  }

  account (peer: PeerId): Account {
    return this.entry(peer)
  }

  /** Changes an account; it is written later. */
  update (peer: PeerId, change: (account: Account) => void): void {
    const entry = this.entry(peer)
    change(entry)
    entry.lastSeen = this.init.clock.now()
    this.touch(peer)
  }

  /** Written at once: a process that ends does not forget who lied. */
  ban (peer: PeerId, channelId: string): void {
    const { bans } = this.entry(peer)
    bans.delete(channelId)
    bans.set(channelId, this.init.clock.now() + this.init.banMs)

    if (bans.size > MAX_BANS) {
      const [oldest] = bans.keys()
      bans.delete(oldest)
    }

    this.touch(peer)
    void this.flush()
  }

  banned (peer: PeerId, channelId: string): boolean {
    const until = this.entries.get(peer.toString())?.bans.get(channelId)

    return until != null && until > this.init.clock.now()
  }

  private entry (peer: PeerId): Entry {
    const key = peer.toString()
    let entry = this.entries.get(key)

    if (entry == null) {
      entry = {
        peer,
        bytesIn: 0,
        bytesOut: 0,
        messagesIn: 0,
        messagesOut: 0,
        invalid: 0,
        unrequested: 0,
        timeouts: 0,
        latency: 0,
        receiptedOut: 0,
        receiptedIn: 0,
        lastSeen: this.init.clock.now(),
        bans: new Map()
      }
      this.entries.set(key, entry)
      this.evict()
    }

    return entry
  }

  /** The oldest goes; one with a ban stays while there is another. */
  private evict (): void {
    if (this.entries.size <= this.init.maxPeers) {
      return
    }

    let oldest: string | undefined

    for (const [key, { bans }] of this.entries) {
      oldest ??= key

      if (bans.size === 0) {
        oldest = key
        break
      }
    }

    if (oldest != null) {
      this.entries.delete(oldest)
      this.dirty.delete(oldest)
      this.removed.add(oldest)
    }
  }

  private touch (peer: PeerId): void {
    const key = peer.toString()
    const entry = this.entries.get(key)

    if (entry != null) {
      this.entries.delete(key)
      this.entries.set(key, entry)
      this.dirty.add(key)
      this.removed.delete(key)
    }

    if (this.init.datastore != null) {
      this.timer ??= this.init.clock.setTimer(() => {
        this.timer = undefined
        void this.flush()
      }, FLUSH_MS)
    }
  }

  private async flush (): Promise<void> {
    this.flushing = this.flushing.then(async () => {
      const { datastore, log } = this.init

      if (datastore == null || this.dirty.size + this.removed.size === 0) {
        return
      }

      const batch = datastore.batch()

      for (const key of this.removed) {
        batch.delete(new Key(`${PREFIX}/${key}`))
      }

      for (const key of this.dirty) {
        const entry = this.entries.get(key)

        if (entry != null) {
          const bans = [...entry.bans].map(([channelId, until]) => ({ channelId, until }))
          batch.put(new Key(`${PREFIX}/${key}`), LedgerRecord.encode({ ...entry, latency: Math.round(entry.latency), bans }))
        }
      }

      this.dirty.clear()
      this.removed.clear()

      try {
        await batch.commit()
      } catch (err) {
        log.error('the ledger could not be written - %e', err)
      }
    })

    await this.flushing
  }
}
