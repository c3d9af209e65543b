import { peerIdFromString } from '@libp2p/peer-id'
import { Key } from 'interface-datastore'
import { sha256 } from '../sha256.js'
import { createBookPeer } from './book-peer.js'
import { StoredPeer } from './pb/address-book.js'
import { openRecord } from './signed-record.js'
import type { AddressBook, BookChange } from './address-book.js'
import type { BookPeer } from './book-peer.js'
import type { DiscoveryStats } from './stats.js'
import type { Cancel, Clock } from '../clock.js'
import type { Logger } from '@libp2p/interface'
import type { Datastore } from 'interface-datastore'

const PREFIX = '/holdfast/discovery/peers'
const FLUSH_MS = 1000
const CHECKSUM_BYTES = 8

/** Stored entries that are read before others get a turn. */
const SLICE = 64

export interface BookStoreInit {
  book: AddressBook
  datastore: Datastore
  clock: Clock
  stats: DiscoveryStats
  log: Logger
}

/**
 * Keeps the address book on disk: one key per peer, each written whole, a second after it
 * changed. What a crash loses is a second of knowledge, never an entry's integrity.
 */
export class BookStore {
  private readonly init: BookStoreInit
  private readonly dirty = new Map<string, BookPeer | undefined>()
  private unsubscribe?: Cancel
  private timer?: Cancel
  private writing: Promise<void> = Promise.resolve()

  constructor (init: BookStoreInit) {
    this.init = init
  }

  /** Reads everything back, then follows the book. What cannot be read, or has no place, is deleted. */
  async open (): Promise<void> {
    const { book, datastore, clock, stats, log } = this.init
    let read = 0

    try {
      for await (const { key, value } of datastore.query({ prefix: PREFIX })) {
        const entry = decodeEntry(key.name(), value)

        if (entry == null) {
          stats.entriesCorrupt++
        }

        if (entry == null || !book.restore(entry)) {
          this.dirty.set(key.name(), undefined)
        }

        if (++read % SLICE === 0) {
          await new Promise<void>(resolve => { clock.setTimer(resolve, 0) })
        }
      }
    } catch (err) {
      log.error('the address book could not be read back - %e', err)
    }

    this.unsubscribe = book.onChange(change => { this.note(change) })
    this.schedule()
  }

  async close (): Promise<void> {
    this.unsubscribe?.()
    this.timer?.()
    this.timer = undefined
    await this.flush()
  }

  private note ({ kind, peer }: BookChange): void {
    this.dirty.set(peer.key, kind === 'removed' ? undefined : peer)
    this.schedule()
  }

  private schedule (): void {
    if (this.dirty.size > 0) {
      this.timer ??= this.init.clock.setTimer(() => {
        this.timer = undefined
        void this.flush()
      }, FLUSH_MS)
    }
  }

  private async flush (): Promise<void> {
    this.writing = this.writing.then(async () => { await this.write() })
    await this.writing
  }

  private async write (): Promise<void> {
    const { datastore, stats, log } = this.init
    const batch = [...this.dirty]
    this.dirty.clear()

    for (const [name, peer] of batch) {
      const key = new Key(`${PREFIX}/${name}`)

      try {
        if (peer == null) {
          await datastore.delete(key)
        } else {
          await datastore.put(key, encodeEntry(peer))
        }
      } catch (err) {
        stats.entriesUnsaved++
        log.error('an address book entry could not be written - %e', err)
      }
    }
  }
}

export function encodeEntry (peer: BookPeer): Uint8Array {
  const body = StoredPeer.encode({
    envelope: peer.record?.envelope,
    sources: peer.sources,
    topics: [...peer.topics].map(([id, { at, proven }]) => ({ id, seenAt: BigInt(at), proven })),
    addedAt: BigInt(peer.addedAt),
    seenAt: BigInt(peer.seenAt),
    failures: peer.staleness.failures,
    staleUntil: BigInt(peer.staleness.until),
    penaltyUntil: BigInt(peer.penaltyUntil),
    unsupportedUntil: BigInt(peer.unsupportedUntil),
    introducer: peer.introducer
  })
  const value = new Uint8Array(CHECKSUM_BYTES + body.length)
  value.set(sha256(body).subarray(0, CHECKSUM_BYTES))
  value.set(body, CHECKSUM_BYTES)

  return value
}

/** The entry, or nothing when a byte of it is wrong. */
export function decodeEntry (name: string, value: Uint8Array): BookPeer | undefined {
  try {
    const body = value.subarray(CHECKSUM_BYTES)
    const checksum = sha256(body).subarray(0, CHECKSUM_BYTES)

    if (value.length < CHECKSUM_BYTES || checksum.some((byte, i) => byte !== value[i])) {
      return undefined
    }

    const stored = StoredPeer.decode(body)
    const peer = createBookPeer(peerIdFromString(name), Number(stored.addedAt ?? 0n))

    if (stored.envelope != null) {
      const opened = openRecord(stored.envelope)

      if ('fault' in opened || !opened.record.peer.equals(peer.id)) {
        return undefined
      }

      peer.record = opened.record
    }

    peer.sources = stored.sources
    peer.topics = new Map(stored.topics.map(({ id, seenAt, proven }) => [id, { at: Number(seenAt), proven }]))
    peer.seenAt = Number(stored.seenAt ?? 0n)
    peer.staleness = { failures: stored.failures ?? 0, until: Number(stored.staleUntil ?? 0n) }
    peer.penaltyUntil = Number(stored.penaltyUntil ?? 0n)
    peer.unsupportedUntil = Number(stored.unsupportedUntil ?? 0n)
    peer.introducer = stored.introducer ?? false

    return peer
  } catch {
    return undefined
  }
}
