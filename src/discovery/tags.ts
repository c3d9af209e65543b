import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, concatBytes, utf8ToBytes } from '@noble/hashes/utils.js'
import { sample, shuffle } from './random.js'
import type { Topic } from './namespace.js'
import type { Bytes, Random } from '../clock.js'
import type { PeerId } from '@libp2p/interface'

export const TAG_BYTES = 16

/** Lists are padded to one of these lengths, so that they tell little of the number of topics. */
export const TAG_LIST_SIZES = [16, 64, 128]

/** Topics of one session. A peer with more takes a random choice of them. */
export const MAX_SESSION_TOPICS = 128

export const NONCE_BYTES = 32

export type Role = 'initiator' | 'responder'

/** What tags are bound to: they are worth nothing in any other session, nor for any other peer. */
export interface TagContext {
  initiator: PeerId
  responder: PeerId
  initiatorNonce: Uint8Array
  responderNonce: Uint8Array
}

export interface TagList {
  /** padded and in random order */
  tags: Bytes[]
  /** the topic behind each place; padding has none */
  topics: Array<Topic | undefined>
}

/** A topic that both have, and its place in the other's list. */
export interface SharedTopic {
  topic: Topic
  index: number
}

/** Proves knowledge of a topic's key, in this session, in this role. */
export function topicTag (key: Uint8Array, role: Role, context: TagContext): Bytes {
  const initiator = context.initiator.toMultihash().bytes
  const responder = context.responder.toMultihash().bytes

  return new Uint8Array(hmac(sha256, key, concatBytes(
    utf8ToBytes(`holdfast/discovery/tag/1/${role}`),
    context.initiatorNonce, context.responderNonce,
    Uint8Array.of(initiator.length), initiator, Uint8Array.of(responder.length), responder
  ))).slice(0, TAG_BYTES)
}

/** Our own list. It is complete unless there are more than {@link MAX_SESSION_TOPICS} topics. */
export function createTagList (topics: Topic[], role: Role, context: TagContext, random: Random): TagList {
  const chosen: Array<Topic | undefined> = sample(topics, MAX_SESSION_TOPICS, random, () => true)
  const size = TAG_LIST_SIZES.find(size => chosen.length <= size) ?? MAX_SESSION_TOPICS
  const places = shuffle([...chosen, ...new Array<undefined>(size - chosen.length).fill(undefined)], random)

  return {
    topics: places,
    tags: places.map(topic => topic == null ? random.bytes(TAG_BYTES) : topicTag(topic.key, role, context))
  }
}

/** Which of our topics the other has shown to know. */
export function matchTags (received: Uint8Array[], topics: Topic[], otherRole: Role, context: TagContext): SharedTopic[] {
  const places = new Map(received.map((tag, index) => [bytesToHex(tag), index]))
  const shared: SharedTopic[] = []

  for (const topic of topics) {
    const index = places.get(bytesToHex(topicTag(topic.key, otherRole, context)))

    if (index != null) {
      shared.push({ topic, index })
    }
  }

  return shared
}
