import { toError } from '../../to-error.js'
import { ResponseStatus } from '../constants.js'
import { nextTask } from '../../next-task.js'
import { openSealed } from '../record-formats.js'
import { authorize } from './authorize.js'
import { Refusal } from './context.js'
import { bytesOf } from './registration-store.js'
import { requireNamespace } from './require-namespace.js'
import type { PointContext } from './context.js'
import type { Register, RegisterResponse } from '../pb/rendezvous.js'
import type { SealedRecord } from '../record-formats.js'
import type { PeerId } from '@libp2p/interface'

/** REGISTER: cheap checks first, signatures last; answered once it is stored. */
export async function register (context: PointContext, peer: PeerId, request: Register): Promise<RegisterResponse> {
  const { store, events, clock } = context
  const namespace = requireNamespace(request.ns, 1)
  const ttl = grantTtl(context, request.ttl)
  const id = peer.toString()

  await authorize(context, peer, namespace)
  checkLimits(context, id, namespace)

  const sealed = await openRecords(context, peer, request)

  // others may have registered meanwhile
  checkLimits(context, id, namespace)
  checkBytes(context, id, { namespace, ...sealed })

  const before = store.get(namespace, id)
  const kept = before == null || context.sink == null ? undefined : store.read(before)
  const init = { namespace, peer: id, expiresAt: clock.now() + ttl * 1_000, ...sealed }
  const registration = store.put(init)
  const { sequence } = registration
  context.onChange()

  try {
    await context.sink?.put({ ...init, sequence })
  } catch (err) {
    // what is not stored is not promised; what was before, still is
    if (registration.sequence === sequence && store.remove(registration) && kept != null) {
      store.put(kept)
    }

    context.onChange()

    throw err
  }

  events.emit('register', { peer, namespace, ttl, refreshed: before != null })

  return { status: ResponseStatus.OK, ttl: BigInt(ttl) }
}

function grantTtl ({ config }: PointContext, ttl?: bigint): number {
  if (ttl == null) {
    return config.defaultTtl
  }

  if (ttl < BigInt(config.minTtl) || ttl > BigInt(config.maxTtl)) {
    throw new Refusal(ResponseStatus.INVALID_TTL, `a TTL is ${config.minTtl} to ${config.maxTtl} seconds`)
  }

  return Number(ttl)
}

function checkLimits ({ config, store }: PointContext, peer: string, namespace: string): void {
  if (store.get(namespace, peer) != null) {
    return
  }

  if (store.countOf(peer) >= config.maxRegistrationsPerPeer) {
    throw new Refusal(ResponseStatus.NOT_AUTHORIZED, `a peer has at most ${config.maxRegistrationsPerPeer} registrations here`)
  }

  if (store.size >= config.maxRegistrations) {
    throw new Refusal(ResponseStatus.UNAVAILABLE, 'no room for more registrations')
  }
}

function checkBytes ({ config, store }: PointContext, peer: string, registration: SealedRecord & { namespace: string }): void {
  const before = store.get(registration.namespace, peer)
  const more = bytesOf(registration) - (before?.bytes ?? 0)

  if (more > 0 && store.bytes + more > config.maxRegistrationBytes) {
    throw new Refusal(ResponseStatus.UNAVAILABLE, 'no room for larger registrations')
  }
}

async function openRecords (context: PointContext, peer: PeerId, request: Register): Promise<SealedRecord> {
  const sealed: SealedRecord = {}

  for (const bytes of [request.signedPeerRecord ?? new Uint8Array(), request.legacySignedPeerRecord]) {
    if (bytes == null) {
      continue
    }

    // what the peer has registered here before was checked then
    sealed[context.store.knows(peer.toString(), bytes) ?? await certify(context, peer, bytes)] = bytes
  }

  return sealed
}

async function certify ({ config }: PointContext, peer: PeerId, bytes: Uint8Array): Promise<keyof SealedRecord> {
  // others have their turn between the signatures of requests that came in one piece
  await nextTask()

  try {
    const { format, content } = await openSealed(config.codecs, bytes)

    if (content.peer.equals(peer)) {
      return format
    }
  } catch (err) {
    throw new Refusal(ResponseStatus.INVALID_SIGNED_PEER_RECORD, toError(err).message)
  }

  throw new Refusal(ResponseStatus.INVALID_SIGNED_PEER_RECORD, 'the record is of another peer than the connection')
}
