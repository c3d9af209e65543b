import { InvalidParametersError } from '@libp2p/interface'
import { DEFAULT_TTL_S, MAX_PAGE_RECORDS, MAX_SENT_ANSWER_BYTES, MAX_TTL_S, RENDEZVOUS_PROTOCOL } from '../constants.js'
import { recordCodecs } from '../record-formats.js'
import type { RendezvousPointInit } from './types.js'
import type { RecordCodecs } from '../record-formats.js'

/** Room for records and namespaces, unless it is set: for each registration that is allowed, and at least. */
const BYTES_EACH = 1_342
const LEAST_BYTES = 128 * 1024 * 1024

/** A point's options with their defaults. */
export interface PointConfig extends Pick<RendezvousPointInit, 'authorize'> {
  protocol: string
  minTtl: number
  maxTtl: number
  /** granted when a registration asks for none */
  defaultTtl: number
  maxRegistrations: number
  maxRegistrationBytes: number
  maxRegistrationsPerPeer: number
  requestsPerSecond: number
  maxStreamsPerPeer: number
  maxAnswerBytes: number
  maxPageRecords: number
  codecs: RecordCodecs
}

export function pointConfig (init: RendezvousPointInit): PointConfig {
  const minTtl = init.minTtl ?? Math.min(DEFAULT_TTL_S, init.maxTtl ?? DEFAULT_TTL_S)
  const maxTtl = init.maxTtl ?? Math.max(MAX_TTL_S, minTtl)

  const maxRegistrations = init.maxRegistrations ?? 100_000

  const config: PointConfig = {
    protocol: init.protocol ?? RENDEZVOUS_PROTOCOL,
    minTtl,
    maxTtl,
    defaultTtl: Math.min(Math.max(DEFAULT_TTL_S, minTtl), maxTtl),
    maxRegistrations,
    maxRegistrationBytes: init.maxRegistrationBytes ?? Math.max(LEAST_BYTES, maxRegistrations * BYTES_EACH),
    maxRegistrationsPerPeer: init.maxRegistrationsPerPeer ?? 1_000,
    requestsPerSecond: init.requestsPerSecond ?? 100,
    maxStreamsPerPeer: init.maxStreamsPerPeer ?? 32,
    maxAnswerBytes: init.maxAnswerBytes ?? MAX_SENT_ANSWER_BYTES,
    maxPageRecords: MAX_PAGE_RECORDS,
    codecs: recordCodecs(init),
    authorize: init.authorize
  }

  if (!config.protocol.startsWith('/')) {
    throw new InvalidParametersError(`protocol is an ID like ${RENDEZVOUS_PROTOCOL}, not '${config.protocol}'`)
  }

  for (const name of ['minTtl', 'maxTtl', 'maxRegistrations', 'maxRegistrationBytes', 'maxRegistrationsPerPeer', 'maxStreamsPerPeer', 'maxAnswerBytes'] as const) {
    if (!Number.isSafeInteger(config[name]) || config[name] < 1) {
      throw new InvalidParametersError(`${name} is a whole number of at least 1, not ${config[name]}`)
    }
  }

  if (minTtl > maxTtl) {
    throw new InvalidParametersError(`minTtl (${minTtl}) is at most maxTtl (${maxTtl})`)
  }

  if (!(config.requestsPerSecond > 0)) {
    throw new InvalidParametersError(`requestsPerSecond is more than 0, not ${config.requestsPerSecond}`)
  }

  return config
}
