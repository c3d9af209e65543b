import { InvalidParametersError } from '@libp2p/interface'
import { DEFAULT_TTL_S, MAX_PAGE_RECORDS, MAX_TTL_S, RENDEZVOUS_PROTOCOL } from '../constants.js'
import { recordCodecs } from '../record-formats.js'
import type { RendezvousClientInit } from './types.js'
import type { RecordCodecs } from '../record-formats.js'

/** A client's options with their defaults. */
export interface ClientConfig {
  protocol: string
  ttl: number
  maxTtl: number
  limit: number
  codecs: RecordCodecs
}

export function clientConfig (init: RendezvousClientInit): ClientConfig {
  const config: ClientConfig = {
    protocol: init.protocol ?? RENDEZVOUS_PROTOCOL,
    ttl: init.ttl ?? DEFAULT_TTL_S,
    maxTtl: init.maxTtl ?? MAX_TTL_S,
    limit: init.limit ?? MAX_PAGE_RECORDS,
    codecs: recordCodecs(init)
  }

  if (!config.protocol.startsWith('/')) {
    throw new InvalidParametersError(`protocol is an ID like ${RENDEZVOUS_PROTOCOL}, not '${config.protocol}'`)
  }

  for (const name of ['ttl', 'maxTtl', 'limit'] as const) {
    requireCount(name, config[name])
  }

  return config
}

/** @throws {InvalidParametersError} it is not a whole number of at least 1 */
export function requireCount (name: string, value: number): number {
  if (!Number.isSafeInteger(value) || value < 1) {
    throw new InvalidParametersError(`${name} is a whole number of at least 1, not ${value}`)
  }

  return value
}
