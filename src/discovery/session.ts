import { DiscoveryProtocolError } from './errors.js'
import { Frame } from './pb/session.js'
import { MAX_RECORD_BYTES } from './signed-record.js'
import { createTagList, MAX_SESSION_TOPICS, matchTags, NONCE_BYTES, TAG_BYTES, TAG_LIST_SIZES } from './tags.js'
import type { Topic } from './namespace.js'
import type { Hello, Records } from './pb/session.js'
import type { Role, SharedTopic, TagContext } from './tags.js'
import type { Random } from '../clock.js'
import type { AbortOptions, PeerId } from '@libp2p/interface'

export const SESSION_VERSION = 1

/** Bytes of one frame, in both directions. */
export const MAX_FRAME_BYTES = 128 * 1024

/** Records that we send at most, and that we accept. */
export const MAX_RECORDS_SENT = 64
export const MAX_RECORDS_ACCEPTED = 128

/** Topics that are compared before others get a turn: 2 to 4 ms of work. */
const SLICE = 256

/** What a frame's records may take together, so that the frame stays within its bound. */
const RECORDS_BYTES = MAX_FRAME_BYTES - 16 * 1024

const MAX_BUSY_MS = 5 * 60 * 1000

/** Whole frames to and from the other side. Reads refuse frames over 128 KiB. */
export interface FrameChannel {
  read (options: AbortOptions): Promise<Uint8Array>
  write (frame: Uint8Array, options: AbortOptions): Promise<void>
}

/** A record to pass on, and what we know first hand, or heard, of its peer's topics. */
export interface SharedRecord {
  envelope: Uint8Array
  /** Unix ms by topic ID */
  sightings: Array<{ topic: string, at: number }>
}

export interface SessionInit {
  channel: FrameChannel
  self: PeerId
  remote: PeerId
  topics: Topic[]
  /** we may be named to strangers */
  introducer: boolean
  random: Random
  now (): number
  /** lets others have their turn */
  pause (): Promise<void>
  /** what to tell a peer that has these topics too, best first */
  share (topics: Topic[]): SharedRecord[]
  signal: AbortSignal
}

export type SessionResult = { busyMs: number } | {
  /** the topics that both have: the other has proven that it knows their keys */
  shared: Topic[]
  /** the other named all its topics: what is not shared it does not have */
  complete: boolean
  introducer: boolean
  /** not verified yet */
  records: SharedRecord[]
}

/**
 * The side that opened the stream.
 *
 * @throws {DiscoveryProtocolError} the other broke the protocol
 */
export async function initiateSession (init: SessionInit): Promise<SessionResult> {
  const { channel, signal } = init
  const nonce = init.random.bytes(NONCE_BYTES)

  await send(init, { hello: createHello(init, nonce) })
  const answer = await receive(channel, signal)

  if (answer.busy != null) {
    return { busyMs: Math.min(answer.busy.retryAfterMs ?? 0, MAX_BUSY_MS) }
  }

  const hello = checkHello(answer.hello)
  const context: TagContext = { initiator: init.self, responder: init.remote, initiatorNonce: nonce, responderNonce: hello.nonce }
  const list = createTagList(init.topics, 'initiator', context, init.random)

  await send(init, { tags: { tags: list.tags } })
  const reply = await receive(channel, signal)
  const shared = await match(init, reply, 'responder', context)

  await send(init, { records: createRecords(init, shared, hello) })

  return conclude(init, hello, shared, reply, list.topics)
}

/**
 * The side that was called.
 *
 * @throws {DiscoveryProtocolError} the other broke the protocol
 */
export async function answerSession (init: SessionInit): Promise<SessionResult> {
  const { channel, signal } = init
  const nonce = init.random.bytes(NONCE_BYTES)
  const hello = checkHello((await receive(channel, signal)).hello)

  await send(init, { hello: createHello(init, nonce) })

  const context: TagContext = { initiator: init.remote, responder: init.self, initiatorNonce: hello.nonce, responderNonce: nonce }
  const list = createTagList(init.topics, 'responder', context, init.random)
  const tags = await receive(channel, signal)
  const shared = await match(init, tags, 'initiator', context)

  await send(init, { tags: { tags: list.tags }, records: createRecords(init, shared, hello) })

  return conclude(init, hello, shared, { ...tags, records: (await receive(channel, signal)).records }, list.topics)
}

/** Answers a call without a session. */
export async function refuseSession (channel: FrameChannel, retryAfterMs: number, signal: AbortSignal): Promise<void> {
  await channel.write(Frame.encode({ busy: { retryAfterMs } }), { signal })
}

function createHello (init: SessionInit, nonce: Uint8Array): Hello {
  return {
    versions: [SESSION_VERSION],
    nonce: new Uint8Array(nonce),
    maxRecords: MAX_RECORDS_ACCEPTED,
    introducer: init.introducer
  }
}

function checkHello (hello: Hello | undefined): Hello {
  if (hello == null) {
    throw new DiscoveryProtocolError('expected a hello')
  }

  if (!hello.versions.includes(SESSION_VERSION)) {
    throw new DiscoveryProtocolError(`no common version: the other speaks ${hello.versions.join(', ')}, this library ${SESSION_VERSION}`)
  }

  if (hello.nonce.byteLength !== NONCE_BYTES) {
    throw new DiscoveryProtocolError(`a nonce has ${NONCE_BYTES} bytes, not ${hello.nonce.byteLength}`)
  }

  return hello
}

async function match ({ topics, pause }: SessionInit, frame: Frame, otherRole: Role, context: TagContext): Promise<SharedTopic[]> {
  const tags = frame.tags?.tags ?? []
  const shared: SharedTopic[] = []

  if (!TAG_LIST_SIZES.includes(tags.length) || tags.some(tag => tag.byteLength !== TAG_BYTES)) {
    throw new DiscoveryProtocolError(`a tag list has ${TAG_LIST_SIZES.join(', ')} tags of ${TAG_BYTES} bytes`)
  }

  for (let from = 0; from < topics.length; from += SLICE) {
    if (from > 0) {
      await pause()
    }

    shared.push(...matchTags(tags, topics.slice(from, from + SLICE), otherRole, context))
  }

  return shared
}

function createRecords (init: SessionInit, shared: SharedTopic[], hello: Hello): Records {
  const places = new Map(shared.map(({ topic, index }) => [topic.id, index]))
  const limit = Math.min(MAX_RECORDS_SENT, hello.maxRecords ?? MAX_RECORDS_SENT)
  const records: Records['records'] = []
  let bytes = 0

  for (const { envelope, sightings } of init.share(shared.map(({ topic }) => topic))) {
    const told = sightings.filter(({ topic }) => places.has(topic)).map(({ topic, at }) => ({
      tag: places.get(topic),
      ageSeconds: Math.max(0, Math.ceil((init.now() - at) / 1000))
    }))

    bytes += envelope.byteLength + 16 * (told.length + 1)

    if (records.length >= limit || bytes > RECORDS_BYTES) {
      break
    }

    records.push({ envelope: new Uint8Array(envelope), sightings: told })
  }

  return { records }
}

function conclude (init: SessionInit, hello: Hello, shared: SharedTopic[], frame: Frame, places: Array<Topic | undefined>): SessionResult {
  if (frame.records == null) {
    throw new DiscoveryProtocolError('expected records')
  }

  const topics = new Set(shared.map(({ topic }) => topic))

  return {
    shared: [...topics],
    complete: (frame.tags?.tags.length ?? 0) < MAX_SESSION_TOPICS,
    introducer: hello.introducer === true,
    records: frame.records.records.map(({ envelope, sightings }) => ({
      envelope,
      // a place without a topic, or with one that the other has not proven, tells us nothing
      sightings: sightings.flatMap(({ tag, ageSeconds }) => {
        const topic = places[tag ?? 0]

        return topic != null && topics.has(topic) ? [{ topic: topic.id, at: init.now() - (ageSeconds ?? 0) * 1000 }] : []
      })
    }))
  }
}

async function send ({ channel, signal }: SessionInit, frame: Frame): Promise<void> {
  await channel.write(Frame.encode(frame), { signal })
}

async function receive (channel: FrameChannel, signal: AbortSignal): Promise<Frame> {
  const bytes = await channel.read({ signal })

  try {
    const frame = Frame.decode(bytes, {
      limits: {
        hello: { versions: 16 },
        tags: { tags: MAX_SESSION_TOPICS },
        records: { records: MAX_RECORDS_ACCEPTED, records$: { sightings: MAX_SESSION_TOPICS } }
      }
    })

    if (frame.records?.records.some(({ envelope }) => envelope.byteLength > MAX_RECORD_BYTES) === true) {
      throw new DiscoveryProtocolError(`a record has more than ${MAX_RECORD_BYTES} bytes`)
    }

    return frame
  } catch (err) {
    throw err instanceof DiscoveryProtocolError ? err : new DiscoveryProtocolError(`a frame cannot be read: ${String(err)}`)
  }
}
