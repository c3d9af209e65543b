import { ChunkList } from './chunk-list.js'
import { ExpiryHeap } from './expiry-heap.js'
import { OrderChunk } from './order-chunk.js'
import { PageScan } from './page-scan.js'
import { RecordChunk } from './record-chunk.js'
import { equalBytes } from '../records.js'
import type { DiscoverPage } from './discover-page.js'
import type { Expiring } from './expiry-heap.js'
import type { PageQuery } from './page-scan.js'
import type { SealedRecord } from '../record-formats.js'

const FORMATS = ['standard', 'legacy'] as const
const FORMAT_BITS = { standard: 1, legacy: 2 }

/** One peer in one namespace. Its record and its time stand where a page finds them together. */
export interface Registration extends Expiring {
  readonly peer: PeerEntry
  readonly namespace: NamespaceEntry
  /** place in the order of the whole store; a refresh gives it a new one */
  readonly sequence: number
  /** what it counts for in {@link RegistrationStore.bytes} */
  readonly bytes: number
  /** bits of the envelopes that it has */
  readonly formats: number
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

interface PeerEntry {
  readonly id: string
  count: number
  /** its record is the peer's present one; absent when it was removed */
  latest?: Registration
  /** the envelope of the peer's own that it registered with last */
  format: keyof SealedRecord
}

/** The records of a namespace, and whose they are. */
class NamespaceEntry extends ChunkList<RecordChunk> {
  readonly byPeer = new Map<string, Registration>()
  readonly name: string

  constructor (name: string) {
    super()
    this.name = name
  }
}

/** What a registration is made of. */
export interface RegistrationInit extends SealedRecord {
  namespace: string
  peer: string
  /** unix time, ms */
  expiresAt: number
}

export interface PageEnd {
  /** sequence number after which the next page begins */
  next: number
  /** entries that were looked at */
  visited: number
}

/**
 * The registrations of a point, in memory: registering, unregistering and finding a page
 * are O(log n + k), counting is O(1), and empty namespaces vanish.
 */
export class RegistrationStore {
  private readonly namespaces = new Map<string, NamespaceEntry>()
  private readonly peers = new Map<string, PeerEntry>()
  private readonly inOrder = new ChunkList<OrderChunk<Registration>>()
  private readonly expiry = new ExpiryHeap<Registration>()
  private count = 0
  private held = 0
  private last: number

  /** @param sequence - the highest number that was ever given out */
  constructor (sequence = 0) {
    this.last = sequence
  }

  /** the highest sequence number given out so far */
  get sequence (): number {
    return this.last
  }

  get size (): number {
    return this.count
  }

  /** of records and namespaces */
  get bytes (): number {
    return this.held
  }

  get namespaceCount (): number {
    return this.namespaces.size
  }

  get nextExpiry (): number | undefined {
    const next = this.expiry.peek()

    return next == null ? undefined : this.expiry.timeOf(next)
  }

  get (namespace: string, peer: string): Registration | undefined {
    return this.namespaces.get(namespace)?.byPeer.get(peer)
  }

  countOf (peer: string): number {
    return this.peers.get(peer)?.count ?? 0
  }

  /** The envelope that the peer registered with last, the standard one if it had both. */
  formatOf (peer: string): keyof SealedRecord | undefined {
    return this.peers.get(peer)?.format
  }

  /** The envelope as which the peer's last registration has this record, whose signature need not be checked again. */
  knows (peer: string, record: Uint8Array): keyof SealedRecord | undefined {
    const latest = this.peers.get(peer)?.latest
    const chunk = latest?.namespace.find(latest.sequence)

    return latest == null || chunk == null
      ? undefined
      : FORMATS.find(format => {
        const known = chunk.recordOf(chunk.indexOf(latest.sequence), format)

        return known != null && equalBytes(known, record)
      })
  }

  /** What a registration was made of, as a copy. */
  read (registration: Registration): RegistrationInit {
    const { peer, namespace, sequence } = registration
    const chunk = namespace.find(sequence)
    const i = chunk?.indexOf(sequence) ?? -1

    return {
      namespace: namespace.name,
      peer: peer.id,
      expiresAt: this.expiry.timeOf(registration) ?? 0,
      standard: chunk?.recordOf(i, 'standard')?.slice(),
      legacy: chunk?.recordOf(i, 'legacy')?.slice()
    }
  }

  /**
   * Adds a registration, or refreshes what the peer has in the namespace. The records are copied.
   *
   * @param sequence - when it is read back from disk; in growing order
   */
  put (init: RegistrationInit, sequence = this.last + 1): Registration {
    const namespace = this.namespaceEntry(init.namespace)
    const before: Mutable<Registration> | undefined = namespace.byPeer.get(init.peer)
    const registration = before ?? this.add(namespace, init.peer)

    if (before != null) {
      this.inOrder.remove(before.sequence)
      namespace.remove(before.sequence)
      this.held -= before.bytes
    }

    this.last = Math.max(this.last, sequence)
    registration.sequence = sequence
    registration.bytes = bytesOf(init)
    registration.formats = (init.standard == null ? 0 : FORMAT_BITS.standard) | (init.legacy == null ? 0 : FORMAT_BITS.legacy)
    registration.peer.latest = registration
    registration.peer.format = init.standard == null ? 'legacy' : 'standard'
    this.held += registration.bytes
    this.expiry.set(registration, init.expiresAt)

    if (this.inOrder.tail?.append(sequence, registration) !== true) {
      this.inOrder.push(new OrderChunk(sequence, registration), sequence)
    }

    if (namespace.tail?.append(sequence, init.expiresAt, init) !== true) {
      namespace.push(new RecordChunk(sequence, init.expiresAt, init), sequence)
    }

    return registration
  }

  /** Removes a registration; false when it is gone. */
  remove (registration: Registration): boolean {
    const { peer, namespace, sequence } = registration

    if (namespace.byPeer.get(peer.id) !== registration) {
      return false
    }

    namespace.byPeer.delete(peer.id)
    namespace.remove(sequence)
    this.inOrder.remove(sequence)
    this.expiry.remove(registration)
    this.count--
    this.held -= registration.bytes

    if (namespace.tail == null) {
      this.namespaces.delete(namespace.name)
    }

    if (peer.latest === registration) {
      peer.latest = undefined
    }

    if (--peer.count === 0) {
      this.peers.delete(peer.id)
    }

    return true
  }

  /** Removes at most `most` of what expired, and returns it. */
  expire (now: number, most: number): Registration[] {
    const expired: Registration[] = []

    for (let next = this.expiry.peek(); next != null && (this.nextExpiry ?? Infinity) <= now && expired.length < most; next = this.expiry.peek()) {
      this.remove(next)
      expired.push(next)
    }

    return expired
  }

  /** Fills a page, which is empty. */
  page (query: PageQuery, page: DiscoverPage): PageEnd {
    const scan = new PageScan(query, page)
    const { after, namespace } = query
    let isOpen = true

    if (namespace == null) {
      const wanted = query.formats.reduce((bits, format) => bits | FORMAT_BITS[format], 0)
      this.inOrder.walk(after, chunk => {
        isOpen = chunk.walk(after, ({ namespace, sequence, formats }) => {
          // only what can be read is worth finding in its namespace
          const records = (formats & wanted) === 0 ? undefined : namespace.find(sequence)

          return records == null ? scan.skip(sequence) : scan.takeOne(records, sequence, namespace.name)
        })

        return isOpen
      })
    } else {
      this.namespaces.get(namespace)?.walk(after, chunk => {
        isOpen = scan.takeChunk(chunk, namespace)

        return isOpen
      })
    }

    // at the end, whatever is registered from now on is new to the reader
    return { next: isOpen ? this.last : scan.last, visited: scan.visited }
  }

  private add (namespace: NamespaceEntry, id: string): Mutable<Registration> {
    const peer = this.peers.get(id) ?? { id, count: 0, latest: undefined, format: 'standard' }
    const registration = { peer, namespace, sequence: 0, bytes: 0, formats: 0, heapIndex: -1 }
    this.peers.set(id, peer)
    this.namespaces.set(namespace.name, namespace)
    namespace.byPeer.set(id, registration)
    peer.count++
    this.count++

    return registration
  }

  private namespaceEntry (name: string): NamespaceEntry {
    return this.namespaces.get(name) ?? new NamespaceEntry(name)
  }
}

/** What a registration counts for in {@link RegistrationStore.bytes}. */
export function bytesOf ({ standard, legacy, namespace }: Pick<RegistrationInit, 'standard' | 'legacy' | 'namespace'>): number {
  return (standard?.byteLength ?? 0) + (legacy?.byteLength ?? 0) + namespace.length
}
