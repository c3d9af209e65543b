import { createBookPeer, isPenalised, PENALTY_MS, UNSUPPORTED_MS } from './book-peer.js'
import { chooseVictim } from './eviction.js'
import { RecordIndex } from './record-index.js'
import { isForgettable, isOutdated, isRecent } from './retention.js'
import { openRecord } from './signed-record.js'
import { SourceQuota } from './source-quota.js'
import { FRESH, failedOnce } from './staleness.js'
import type { BookPeer } from './book-peer.js'
import type { RecordFault, SignedRecord } from './signed-record.js'
import type { DiscoveryStats } from './stats.js'
import type { Cancel, Clock } from '../clock.js'
import type { PeerId } from '@libp2p/interface'

const MAX_SOURCES_PER_PEER = 4

export interface AddressBookInit {
  self: PeerId
  clock: Clock
  stats: DiscoveryStats
  isConnected (peer: PeerId): boolean
  /** entries; at the bound the least useful one makes room, connected and bootstrap peers stay */
  maxPeers: number
  /** new peers that one source may bring in an hour; the others are dropped and counted */
  maxNewPerSource: number
}

/** `new` and `updated` are the ones that taught us something. */
export type RecordVerdict = 'new' | 'updated' | 'known' | 'older' | 'refused' | RecordFault

export type BookChange =
  { kind: 'added' | 'removed' | 'record' | 'state', peer: BookPeer, source?: string } |
  { kind: 'topics', peer: BookPeer, topic: string }

/** Who is known, where, on which of our topics, and how well it went with them. In memory; see `BookStore`. */
export class AddressBook {
  private readonly init: AddressBookInit
  private readonly entries = new Map<string, BookPeer>()
  /** topic ID to its members */
  private readonly byTopic = new Map<string, Set<BookPeer>>()
  private readonly introducing = new Set<BookPeer>()
  private readonly records = new RecordIndex()
  private readonly quota: SourceQuota
  private readonly listeners = new Set<(change: BookChange) => void>()

  constructor (init: AddressBookInit) {
    this.init = init
    this.quota = new SourceQuota(init.maxNewPerSource)
  }

  get size (): number {
    return this.entries.size
  }

  peers (): IterableIterator<BookPeer> {
    return this.entries.values()
  }

  get (peer: PeerId): BookPeer | undefined {
    return this.entries.get(peer.toString())
  }

  /** Everyone located on one of these topics, in the order in which they were first. */
  located (topics: readonly string[]): BookPeer[] {
    return topics.length === 1
      ? [...this.byTopic.get(topics[0]) ?? []]
      : [...new Set(topics.flatMap(topic => [...this.byTopic.get(topic) ?? []]))]
  }

  /** The same, freshest first. */
  members (topics: readonly string[]): BookPeer[] {
    const seenAt = new Map(this.located(topics).map(peer => [peer, Math.max(...topics.map(topic => peer.topics.get(topic)?.at ?? 0))]))

    return [...seenAt].sort(([a, atA], [b, atB]) => atB - atA || (a.key < b.key ? -1 : 1)).map(([peer]) => peer)
  }

  /** Those that let themselves be named to anyone. */
  introducers (): BookPeer[] {
    return [...this.introducing]
  }

  onChange (fn: (change: BookChange) => void): Cancel {
    this.listeners.add(fn)

    return () => { this.listeners.delete(fn) }
  }

  /** Puts back what was stored, without asking for a quota. False when there is no place for it. */
  restore (peer: BookPeer): boolean {
    if (this.entries.has(peer.key)) {
      return true
    }

    if (this.isSelf(peer.id) || this.entries.size >= this.init.maxPeers) {
      return false
    }

    this.entries.set(peer.key, peer)
    this.records.assign(peer, peer.record)
    this.setIntroducer(peer, peer.introducer)

    for (const topic of peer.topics.keys()) {
      this.index(topic).add(peer)
      this.changed({ kind: 'topics', peer, topic })
    }

    return true
  }

  /** The peer's entry, made if need be; none when it is ourselves, its source has no quota left or the book is full. */
  meet (peer: PeerId, source: string, options: { bootstrap?: boolean } = {}): BookPeer | undefined {
    const { clock, maxPeers, stats } = this.init
    const now = clock.now()
    let entry = this.entries.get(peer.toString())
    const added = entry == null

    if (this.isSelf(peer)) {
      return undefined
    }

    if (entry == null) {
      if (options.bootstrap !== true && !this.quota.take(source, now)) {
        stats.peersOverQuota++
        return undefined
      }

      if (this.entries.size >= maxPeers && !this.evict(now)) {
        stats.peersRefused++
        return undefined
      }

      entry = createBookPeer(peer, now)
      this.entries.set(entry.key, entry)
    }

    if (options.bootstrap === true) {
      entry.bootstrap = true
    }

    if (!entry.sources.includes(source) && entry.sources.length < MAX_SOURCES_PER_PEER) {
      entry.sources.push(source)
    }

    if (added) {
      this.changed({ kind: 'added', peer: entry, source })
    }

    return entry
  }

  /** Judges a signed record and keeps it if it is newer than ours. An older one is not checked further. */
  async addRecord (bytes: Uint8Array, source: string): Promise<{ verdict: RecordVerdict, peer?: PeerId }> {
    const held = this.records.find(bytes)

    if (held != null) {
      return { verdict: 'known', peer: held.id }
    }

    const opened = openRecord(bytes)

    if ('fault' in opened) {
      return { verdict: this.fault(opened.fault) }
    }

    const { record } = opened
    const peer = record.peer

    if (this.isSelf(peer)) {
      return { verdict: 'known', peer }
    }

    const before = this.compare(record)

    if (before != null) {
      return { verdict: before, peer }
    }

    if (!this.hasRoom(peer, source)) {
      return { verdict: 'refused', peer }
    }

    if (!await opened.verify()) {
      return { verdict: this.fault('forged'), peer }
    }

    // another session may have brought a newer one in the meantime
    const meanwhile = this.compare(record)

    if (meanwhile != null) {
      return { verdict: meanwhile, peer }
    }

    const known = this.entries.has(peer.toString())
    const entry = this.meet(peer, source)

    if (entry == null) {
      return { verdict: 'refused', peer }
    }

    this.records.assign(entry, record)
    // what failed may have been its old addresses
    entry.staleness = FRESH
    this.init.stats.recordsLearned++
    this.changed({ kind: 'record', peer: entry })

    return { verdict: known ? 'updated' : 'new', peer }
  }

  /** Notes that the peer is on a topic. Hearsay never makes a sighting older, nor unproven. */
  sight (entry: BookPeer, topic: string, at: number, proven: boolean): void {
    const now = this.init.clock.now()
    const held = entry.topics.get(topic)

    if (!isRecent(at, now) || isPenalised(entry, now) || this.entries.get(entry.key) !== entry) {
      return
    }

    entry.topics.set(topic, { at: Math.max(held?.at ?? 0, Math.min(at, now)), proven: proven || held?.proven === true })
    this.index(topic).add(entry)
    this.changed(held == null ? { kind: 'topics', peer: entry, topic } : { kind: 'state', peer: entry })
  }

  /** The peer has shown that it is not on this topic, or not any more. */
  unsight (entry: BookPeer, topic: string): void {
    if (entry.topics.delete(topic)) {
      this.index(topic).delete(entry)
      this.changed({ kind: 'topics', peer: entry, topic })
    }
  }

  forgetTopic (topic: string): void {
    for (const peer of [...this.byTopic.get(topic) ?? []]) {
      this.unsight(peer, topic)
    }

    this.byTopic.delete(topic)
  }

  /** It answered, or came to us: not stale any more. */
  succeeded (entry: BookPeer): void {
    entry.seenAt = this.init.clock.now()
    entry.staleness = FRESH
    this.changed({ kind: 'state', peer: entry })
  }

  failed (entry: BookPeer): void {
    entry.staleness = failedOnce(entry.staleness, this.init.clock.now())
    this.init.stats.peersStale++
    this.changed({ kind: 'state', peer: entry })
  }

  /** Tries it again at the next occasion, though not more often than the schedule says if it fails again. */
  forgive (entry: BookPeer): void {
    entry.staleness = { failures: entry.staleness.failures, until: 0 }
  }

  unsupported (entry: BookPeer): void {
    entry.unsupportedUntil = this.init.clock.now() + UNSUPPORTED_MS
    this.changed({ kind: 'state', peer: entry })
  }

  supported (entry: BookPeer): void {
    entry.unsupportedUntil = 0
  }

  rest (entry: BookPeer, ms: number): void {
    entry.restingUntil = this.init.clock.now() + ms
  }

  penalise (entry: BookPeer): void {
    entry.penaltyUntil = this.init.clock.now() + PENALTY_MS
    this.init.stats.peersMisbehaving++

    for (const topic of [...entry.topics.keys()]) {
      this.unsight(entry, topic)
    }

    this.changed({ kind: 'state', peer: entry })
  }

  setIntroducer (entry: BookPeer, introducer: boolean): void {
    entry.introducer = introducer

    if (introducer) {
      this.introducing.add(entry)
    } else {
      this.introducing.delete(entry)
    }
  }

  /** Drops peers that were silent for a week, and sightings of a day, where asking again was in vain. */
  prune (): void {
    const now = this.init.clock.now()

    for (const entry of [...this.entries.values()]) {
      if (this.isKept(entry)) {
        continue
      }

      for (const [topic, sighting] of [...entry.topics]) {
        if (isOutdated(entry, sighting, now)) {
          this.unsight(entry, topic)
        }
      }

      if (isForgettable(entry, now) && !isPenalised(entry, now)) {
        this.init.stats.peersPruned++
        this.remove(entry)
      }
    }
  }

  /** A verdict that needs no signature, if there is one. */
  private compare (record: SignedRecord): 'known' | 'older' | undefined {
    const held = this.entries.get(record.peer.toString())?.record

    if (held == null || record.seq > held.seq) {
      return undefined
    }

    if (record.seq === held.seq) {
      return 'known'
    }

    this.init.stats.recordsOlder++

    return 'older'
  }

  /** Before the signature is checked, which would be for nothing. */
  private hasRoom (peer: PeerId, source: string): boolean {
    if (this.entries.has(peer.toString()) || this.quota.has(source, this.init.clock.now())) {
      return true
    }

    this.init.stats.peersOverQuota++

    return false
  }

  private fault (fault: RecordFault): RecordFault {
    const { stats } = this.init

    if (fault === 'forged') {
      stats.recordsForged++
    } else if (fault === 'foreign') {
      stats.recordsForeign++
    } else {
      stats.recordsMalformed++
    }

    return fault
  }

  private evict (now: number): boolean {
    const victim = chooseVictim(this.entries.values(), entry => this.isKept(entry), now)

    if (victim == null) {
      return false
    }

    this.init.stats.peersEvicted++
    this.remove(victim)

    return true
  }

  private remove (entry: BookPeer): void {
    this.entries.delete(entry.key)

    for (const topic of [...entry.topics.keys()]) {
      this.unsight(entry, topic)
    }

    this.introducing.delete(entry)
    this.records.assign(entry, undefined)
    this.changed({ kind: 'removed', peer: entry })
  }

  private isKept (entry: BookPeer): boolean {
    return entry.bootstrap || this.init.isConnected(entry.id)
  }

  private isSelf (peer: PeerId): boolean {
    return peer.equals(this.init.self)
  }

  private index (topic: string): Set<BookPeer> {
    const members = this.byTopic.get(topic) ?? new Set()
    this.byTopic.set(topic, members)

    return members
  }

  private changed (change: BookChange): void {
    for (const listener of [...this.listeners]) {
      listener(change)
    }
  }
}
