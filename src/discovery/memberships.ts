import { InvalidParametersError } from '@libp2p/interface'
import { utf8ToBytes } from '@noble/hashes/utils.js'
import { Membership } from './membership.js'
import { activeDays, createTopic, DISCOVERY_KEY_BYTES, discoveryKey, rendezvousNamespace } from './namespace.js'
import type { AddressBook, BookChange } from './address-book.js'
import type { MembershipHost } from './membership.js'
import type { Topic } from './namespace.js'
import type { ChannelTopic } from './types.js'
import type { Cancel } from '../clock.js'
import type { AbortOptions, PeerId } from '@libp2p/interface'

const MAX_KEYS = 8
const MAX_MEMBERSHIPS = 4096
const MAX_NAMESPACE_BYTES = 255

/** A name to be registered under, and the topics whose members are found under it: several, where channels share a fixed name. */
export interface PointName {
  id: string
  namespace: string | ((point: PeerId) => string)
  topics: Topic[]
}

export interface MembershipsInit {
  book: AddressBook
  isConnected (peer: PeerId): boolean
  /** a channel was opened, or has new keys */
  onWanted (): void
  onNeed (membership: Membership, count: number): void
  /** the topics are gone, and nobody else has them */
  onLeft (membership: Membership, options?: AbortOptions): Promise<void>
  onMember (membership: Membership, peer: PeerId, joined: boolean): void
  onError (err: unknown): void
}

/** The channels that are open, and what they ask of points and peers together. */
export class Memberships implements Iterable<Membership> {
  private readonly init: MembershipsInit
  private readonly open = new Set<Membership>()
  private readonly listeners = new Set<() => void>()

  constructor (init: MembershipsInit) {
    this.init = init
    init.book.onChange(change => { this.follow(change) })
  }

  [Symbol.iterator] (): Iterator<Membership> {
    return [...this.open][Symbol.iterator]()
  }

  /** Calls back when a channel was opened or left, or has other keys. */
  onChange (fn: () => void): Cancel {
    this.listeners.add(fn)

    return () => { this.listeners.delete(fn) }
  }

  /** @throws {InvalidParametersError} */
  join (topic: ChannelTopic): Membership {
    if (topic.channelId === '') {
      throw new InvalidParametersError('a channel ID must not be empty')
    }

    if (this.open.size >= MAX_MEMBERSHIPS) {
      throw new InvalidParametersError(`at most ${MAX_MEMBERSHIPS} channels can be looked for at once`)
    }

    const namespace = checkNamespace(topic.namespace)
    const membership = new Membership(topic.channelId, namespace, this.createTopics(topic.keys, namespace), this.createHost())

    this.open.add(membership)
    this.changed()
    this.init.onWanted()

    return membership
  }

  /** Each topic once. */
  topics (): Topic[] {
    return [...new Map([...this.open].flatMap(({ topics }) => topics.map(topic => [topic.id, topic] as const))).values()]
  }

  /** Names in use at this time, current keys and days first. */
  names (now: number): Map<string, PointName> {
    const names = new Map<string, PointName>()

    for (const { namespace, topics } of this.open) {
      if (namespace != null) {
        const id = `fixed/${namespace}`
        const others = names.get(id)?.topics ?? []
        names.set(id, { id, namespace, topics: others.some(({ id }) => id === topics[0].id) ? others : [...others, topics[0]] })
        continue
      }

      for (const topic of topics) {
        for (const day of activeDays(now)) {
          const id = `${topic.id}/${day}`
          names.set(id, { id, namespace: point => rendezvousNamespace(topic.key, point, day), topics: [topic] })
        }
      }
    }

    return names
  }

  private createHost (): MembershipHost {
    const { book, isConnected, onError, onMember, onNeed, onWanted, onLeft } = this.init

    return {
      book,
      isConnected,
      onError,
      onMember,
      onNeed,
      createTopics: (keys, namespace) => this.createTopics(keys, namespace),
      onKeys: (previous) => {
        this.forget(previous)
        this.changed()
        onWanted()
      },
      onLeave: async (membership, options) => {
        this.open.delete(membership)
        this.forget(membership.topics)
        this.changed()
        await onLeft(membership, options)
      }
    }
  }

  private createTopics (keys: Uint8Array[], namespace?: string): Topic[] {
    if (keys.length > MAX_KEYS || (keys.length === 0 && namespace == null)) {
      throw new InvalidParametersError(`a channel has 1 to ${MAX_KEYS} discovery keys, not ${keys.length}`)
    }

    if (keys.some(key => key.byteLength !== DISCOVERY_KEY_BYTES)) {
      throw new InvalidParametersError(`a discovery key has ${DISCOVERY_KEY_BYTES} bytes`)
    }

    return (keys.length > 0 ? keys : [discoveryKey(utf8ToBytes(namespace ?? ''))]).map(createTopic)
  }

  private forget (topics: Topic[]): void {
    const used = new Set(this.topics().map(({ id }) => id))

    for (const { id } of topics) {
      if (!used.has(id)) {
        this.init.book.forgetTopic(id)
      }
    }
  }

  private changed (): void {
    for (const listener of [...this.listeners]) {
      listener()
    }
  }

  private follow (change: BookChange): void {
    if (change.kind === 'topics') {
      for (const membership of this.open) {
        membership.refresh(change.peer, change.topic)
      }
    }
  }
}

function checkNamespace (namespace?: string): string | undefined {
  if (namespace != null && (namespace === '' || utf8ToBytes(namespace).length > MAX_NAMESPACE_BYTES)) {
    throw new InvalidParametersError(`a namespace has 1 to ${MAX_NAMESPACE_BYTES} bytes of UTF-8`)
  }

  return namespace
}
