import { ExpiryHeap } from './expiry-heap.js'
import { SequenceList } from './sequence-list.js'
import { equalBytes } from '../records.js'
import type { Expiring } from './expiry-heap.js'
import type { SealedRecord } from '../record-formats.js'

/** Entries that one page may pass over because its reader cannot read them, or because they expired. */
const MAX_SCAN = 100_000

/** Bytes of a registration in an answer beyond its record and namespace, at most. */
const ENTRY_OVERHEAD_BYTES = 24

/** One peer in one namespace. */
export interface Registration extends Expiring, Readonly<SealedRecord> {
  readonly peer: PeerEntry
  readonly namespace: NamespaceEntry
  /** place in the order of the whole store; a refresh has a new one */
  readonly sequence: number
  /** of an answer that it takes, at most; kept here so that a page need not look into each record */
  readonly bytes: number
}

/** What the store shares between the registrations of a peer: its ID, and its record when all are equal. */
interface PeerEntry extends SealedRecord {
  readonly id: string
  count: number
}

interface NamespaceEntry {
  readonly name: string
  readonly byPeer: Map<string, Registration>
  readonly inOrder: SequenceList<Registration>
}

/** What a registration is made of. */
export interface RegistrationInit extends SealedRecord {
  namespace: string
  peer: string
  /** unix time, ms */
  expiresAt: number
}

export interface PageQuery {
  /** absent: all of them */
  namespace?: string
  /** sequence number after which to begin */
  after: number
  /** unix time, ms */
  now: number
  limit: number
  /** of the answer that carries the page; one record is always given */
  maxBytes: number
  /** envelopes that the reader understands, the preferred one first */
  formats: ReadonlyArray<keyof SealedRecord>
}

export interface Page {
  registrations: Array<{ registration: Registration, record: Uint8Array }>
  /** sequence number after which the next page begins */
  next: number
}

/**
 * The registrations of a point, in memory: registering, unregistering and finding a page
 * are O(log n + k), counting is O(1), and empty namespaces vanish.
 */
export class RegistrationStore {
  private readonly namespaces = new Map<string, NamespaceEntry>()
  private readonly peers = new Map<string, PeerEntry>()
  private readonly inOrder = new SequenceList<Registration>()
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

  /** of records and namespaces, counting shared ones each time */
  get bytes (): number {
    return this.held
  }

  get namespaceCount (): number {
    return this.namespaces.size
  }

  get nextExpiry (): number | undefined {
    return this.expiry.peek()?.expiresAt
  }

  get (namespace: string, peer: string): Registration | undefined {
    return this.namespaces.get(namespace)?.byPeer.get(peer)
  }

  countOf (peer: string): number {
    return this.peers.get(peer)?.count ?? 0
  }

  /** The record of the peer's last registration, whose signature need not be checked again. */
  recordOf (peer: string): Readonly<SealedRecord> | undefined {
    return this.peers.get(peer)
  }

  /**
   * Adds a registration in place of what the peer had in the namespace.
   *
   * @param sequence - when it is read back from disk; in growing order
   */
  put (init: RegistrationInit, sequence = this.last + 1): Registration {
    const before = this.get(init.namespace, init.peer)
    const peer = this.peerEntry(init)
    const namespace = this.namespaceEntry(init.namespace)

    if (before != null) {
      this.remove(before)
    }

    const registration: Registration = {
      peer,
      namespace,
      sequence,
      expiresAt: init.expiresAt,
      standard: peer.standard,
      legacy: peer.legacy,
      bytes: Math.max(peer.standard?.byteLength ?? 0, peer.legacy?.byteLength ?? 0) + namespace.name.length * 3 + ENTRY_OVERHEAD_BYTES,
      heapIndex: -1
    }

    // a refresh may have emptied them
    this.peers.set(peer.id, peer)
    this.namespaces.set(namespace.name, namespace)
    peer.count++
    this.count++
    this.held += bytesOf(init)
    this.last = Math.max(this.last, sequence)
    namespace.byPeer.set(peer.id, registration)
    namespace.inOrder.append(registration)
    this.inOrder.append(registration)
    this.expiry.add(registration)

    return registration
  }

  /** Removes exactly this registration; false when it is gone or was replaced. */
  remove (registration: Registration): boolean {
    const { peer, namespace } = registration

    if (namespace.byPeer.get(peer.id) !== registration) {
      return false
    }

    namespace.byPeer.delete(peer.id)
    namespace.inOrder.remove(registration)
    this.inOrder.remove(registration)
    this.expiry.remove(registration)
    this.count--
    this.held -= bytesOf({ standard: registration.standard, legacy: registration.legacy, namespace: namespace.name })

    if (namespace.inOrder.isEmpty) {
      this.namespaces.delete(namespace.name)
    }

    if (--peer.count === 0) {
      this.peers.delete(peer.id)
    }

    return true
  }

  /** Removes at most `most` of what expired, and returns it. */
  expire (now: number, most: number): Registration[] {
    const expired: Registration[] = []

    for (let next = this.expiry.peek(); next != null && next.expiresAt <= now && expired.length < most; next = this.expiry.peek()) {
      this.remove(next)
      expired.push(next)
    }

    return expired
  }

  page (query: PageQuery): Page {
    const list = query.namespace == null ? this.inOrder : this.namespaces.get(query.namespace)?.inOrder
    const registrations: Page['registrations'] = []
    let { after: next, maxBytes: room } = query
    let scanned = 0
    let atEnd = true

    list?.walk(query.after, registration => {
      const format = query.formats.find(format => registration[format] != null)
      const record = format == null ? undefined : registration[format]

      if (record != null && registration.expiresAt > query.now) {
        room -= registration.bytes
        atEnd = registrations.length < query.limit && (room >= 0 || registrations.length === 0)

        if (atEnd) {
          registrations.push({ registration, record })
        }
      } else {
        atEnd = ++scanned < MAX_SCAN
      }

      if (atEnd) {
        next = registration.sequence
      }

      return atEnd
    })

    // at the end, whatever is registered from now on is new to the reader
    return { registrations, next: atEnd ? this.last : next }
  }

  private peerEntry (init: RegistrationInit): PeerEntry {
    const known = this.peers.get(init.peer)

    if (known == null) {
      return { id: init.peer, count: 0, standard: init.standard, legacy: init.legacy }
    }

    known.standard = share(known.standard, init.standard)
    known.legacy = share(known.legacy, init.legacy)

    return known
  }

  private namespaceEntry (name: string): NamespaceEntry {
    return this.namespaces.get(name) ?? { name, byPeer: new Map(), inOrder: new SequenceList() }
  }
}

/** What a registration counts for in {@link RegistrationStore.bytes}. */
export function bytesOf ({ standard, legacy, namespace }: Pick<RegistrationInit, 'standard' | 'legacy' | 'namespace'>): number {
  return (standard?.byteLength ?? 0) + (legacy?.byteLength ?? 0) + namespace.length
}

function share (known: Uint8Array | undefined, given: Uint8Array | undefined): Uint8Array | undefined {
  return known != null && given != null && equalBytes(known, given) ? known : given
}
