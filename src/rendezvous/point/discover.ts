import { ResponseStatus } from '../constants.js'
import { decodeCookie, encodeCookie } from '../cookie.js'
import { authorize } from './authorize.js'
import { Refusal } from './context.js'
import { requireNamespace } from './require-namespace.js'
import type { PointContext } from './context.js'
import type { Discover } from '../pb/rendezvous.js'
import type { SealedRecord } from '../record-formats.js'
import type { PeerId } from '@libp2p/interface'

/** Bytes of an answer that are not registrations: its cookie and framing, at most. */
const ANSWER_OVERHEAD_BYTES = 300

/**
 * DISCOVER: one page, in the order of registration as a set, shuffled within.
 *
 * @returns the answer, encoded: the store may change before it leaves
 */
export async function discover (context: PointContext, peer: PeerId, request: Discover): Promise<Uint8Array> {
  const { config, store, page, clock } = context
  const namespace = requireNamespace(request.ns, 0)
  const after = placeOf(context, namespace, request.cookie)

  await authorize(context, peer, namespace)

  const formats = await readableBy(context, peer, request)
  const now = clock.now()
  page.clear()
  const { next } = store.page({
    namespace: namespace === '' ? undefined : namespace,
    after,
    now,
    limit: limitOf(config.maxPageRecords, request.limit),
    maxBytes: config.maxAnswerBytes - ANSWER_OVERHEAD_BYTES,
    formats
  }, page)
  const returned = page.count
  const answer = page.encode({
    namespace: namespace === '' ? undefined : request.ns,
    now,
    cookie: encodeCookie(context.epoch, next, request.ns ?? new Uint8Array())
  })

  context.events.emit('discover', { peer, namespace: namespace === '' ? undefined : namespace, returned })

  return answer
}

/**
 * The sequence number after which the page begins. A cookie of another store, or one that
 * is ahead of this one, gives the full list: its holder has seen nothing of it.
 */
function placeOf ({ epoch, store }: PointContext, namespace: string, bytes?: Uint8Array): number {
  if (bytes == null) {
    return 0
  }

  const cookie = decodeCookie(bytes)

  if (cookie == null || cookie.namespace !== namespace) {
    throw new Refusal(ResponseStatus.INVALID_COOKIE, 'the cookie is not one for this namespace')
  }

  return cookie.epoch === epoch && cookie.sequence <= store.sequence ? cookie.sequence : 0
}

/** Zero is what implementations without field presence write for none. */
function limitOf (most: number, limit = 0n): number {
  return limit === 0n || limit > BigInt(most) ? most : Number(limit)
}

/**
 * The envelopes that the requester understands. Rust's client drops a whole answer over one
 * that it does not, and so do others.
 */
async function readableBy ({ config, store, isLegacy }: PointContext, peer: PeerId, request: Discover): Promise<Array<keyof SealedRecord>> {
  const { standard, legacy } = config.codecs

  if (standard == null) {
    return ['legacy']
  }

  if (legacy == null) {
    return ['standard']
  }

  if (request.readsBoth === true) {
    return ['standard', 'legacy']
  }

  const own = store.formatOf(peer.toString())

  if (own != null) {
    return [own]
  }

  return await isLegacy(peer) ? ['legacy'] : ['standard']
}
