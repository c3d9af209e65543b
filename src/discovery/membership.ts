import { InvalidParametersError } from '@libp2p/interface'
import type { AddressBook } from './address-book.js'
import type { BookPeer } from './book-peer.js'
import type { Topic } from './namespace.js'
import type { ChannelMembership, LocatedMember } from './types.js'
import type { AbortOptions, PeerId } from '@libp2p/interface'

export interface MembershipHost {
  book: AddressBook
  isConnected (peer: PeerId): boolean
  createTopics (keys: Uint8Array[], namespace?: string): Topic[]
  /** the keys were replaced; these are the topics from before */
  onKeys (previous: Topic[]): void
  onNeed (membership: Membership, count: number): void
  onLeave (membership: Membership, options?: AbortOptions): Promise<void>
  onMember (membership: Membership, peer: PeerId, joined: boolean): void
  onError (err: unknown): void
}

/** One open channel. Its members are whatever the address book has under its topics. */
export class Membership implements ChannelMembership {
  readonly channelId: string
  readonly namespace?: string
  topics: Topic[]
  private readonly host: MembershipHost
  private readonly listeners = new Set<() => void>()
  private readonly known = new Map<string, BookPeer>()
  private left = false

  constructor (channelId: string, namespace: string | undefined, topics: Topic[], host: MembershipHost) {
    this.channelId = channelId
    this.namespace = namespace
    this.topics = topics
    this.host = host

    for (const peer of this.located()) {
      this.known.set(peer.key, peer)
    }
  }

  peers (): PeerId[] {
    return this.freshest().map(({ id }) => id)
  }

  members (): LocatedMember[] {
    return this.freshest().map(peer => ({ peer: peer.id, ...this.sighting(peer), connected: this.host.isConnected(peer.id) }))
  }

  need (count: number): void {
    if (!Number.isInteger(count) || count < 0) {
      throw new InvalidParametersError(`the number of peers needed must be a whole number from 0, not ${count}`)
    }

    if (!this.left) {
      this.host.onNeed(this, count)
    }
  }

  setKeys (keys: Uint8Array[]): void {
    const topics = this.host.createTopics(keys, this.namespace)
    const previous = this.topics
    const unchanged = topics.length === previous.length && topics.every(({ id }, i) => id === previous[i].id)

    if (this.left || unchanged) {
      return
    }

    this.topics = topics
    this.host.onKeys(previous)
    this.reconcile()
  }

  onChange (fn: () => void): () => void {
    // a listener that is given twice is two listeners
    const listener = (): void => { fn() }
    this.listeners.add(listener)

    return () => { this.listeners.delete(listener) }
  }

  async leave (options?: AbortOptions): Promise<void> {
    if (this.left) {
      return
    }

    this.left = true
    this.listeners.clear()
    await this.host.onLeave(this, options)
  }

  /** The book's entries of the members, in no order of use to others. */
  located (): BookPeer[] {
    return this.left ? [] : this.host.book.located(this.topics.map(({ id }) => id))
  }

  isLocated (peer: BookPeer): boolean {
    return !this.left && this.topics.some(({ id }) => peer.topics.has(id))
  }

  /** Whether the peer itself has shown that it belongs here. */
  isProven (peer: BookPeer): boolean {
    return this.topics.some(({ id }) => peer.topics.get(id)?.proven === true)
  }

  /** A peer came to, or left, a topic that may be ours. */
  refresh (peer: BookPeer, topic: string): void {
    if (this.topics.some(({ id }) => id === topic) || this.known.has(peer.key)) {
      if (this.note(peer)) {
        this.notify()
      }
    }
  }

  /** A connection with a peer came or went. */
  connectionChanged (peer: BookPeer): void {
    if (this.known.has(peer.key)) {
      this.notify()
    }
  }

  private freshest (): BookPeer[] {
    return this.left ? [] : this.host.book.members(this.topics.map(({ id }) => id))
  }

  private reconcile (): void {
    const peers = new Set([...this.known.values(), ...this.located()])

    if ([...peers].filter(peer => this.note(peer)).length > 0) {
      this.notify()
    }
  }

  private note (peer: BookPeer): boolean {
    const joined = this.topics.some(({ id }) => peer.topics.has(id))

    if (joined === this.known.has(peer.key)) {
      return false
    }

    if (joined) {
      this.known.set(peer.key, peer)
    } else {
      this.known.delete(peer.key)
    }

    this.host.onMember(this, peer.id, joined)

    return true
  }

  private notify (): void {
    for (const listener of [...this.listeners]) {
      try {
        listener()
      } catch (err) {
        this.host.onError(err)
      }
    }
  }

  private sighting (peer: BookPeer): { proven: boolean, seenAt: number } {
    return { proven: this.isProven(peer), seenAt: Math.max(...this.topics.map(({ id }) => peer.topics.get(id)?.at ?? 0)) }
  }
}
