import { wakuRecord } from './records.js'

/**
 * The Waku variant, to be spread into the options of a point or a client:
 * `rendezvousClient({ ...wakuRendezvous, points })`. Registrations last a minute, and 12 peers
 * are asked for at once.
 */
export const wakuRendezvous = {
  protocol: '/vac/waku/rendezvous/1.0.0',
  recordCodec: wakuRecord,
  ttl: 60,
  minTtl: 60,
  limit: 12
} as const
