/**
 * Keys of a channel's store. `sds/` and `seg/` belong to the cores, the rest to the channel.
 * Numbers are padded, so that keys sort as they were made.
 */

const pad = (n: number): string => n.toString().padStart(15, '0')

export const CHANNEL_KEY = 'channel'
export const RATE_LIMIT_KEY = 'ratelimit'
/** present once the past was fetched */
export const PAST_KEY = 'past'
/** the last number of the log that is gone */
export const ARRIVAL_KEY = 'arrival'
export const SDS_PREFIX = 'sds/'
export const LOG_PREFIX = 'log/'
export const REQUEST_PREFIX = 'request/'
export const PAYLOAD_PREFIX = 'payload/'

/** metadata of a message, by its number in arrival order */
export const logKey = (arrival: number): string => `${LOG_PREFIX}${pad(arrival)}`

/** payload of a message that is not a stream */
export const bodyKey = (arrival: number): string => `body/${pad(arrival)}`

/** a `send()`, by its number */
export const requestKey = (number: number): string => `${REQUEST_PREFIX}${pad(number)}`

/** a serialised SDS message that is not encrypted yet */
export const outgoingKey = (messageId: string): string => `out/${safe(messageId)}`

/** what is known of a published payload */
export const payloadKey = (messageId: string): string => `${PAYLOAD_PREFIX}${safe(messageId)}`

/** the published payload itself */
export const ciphertextKey = (messageId: string): string => `ciphertext/${safe(messageId)}`

/** The message ID of a `payload/` key. */
export function payloadId (key: string): string {
  const name = key.slice(PAYLOAD_PREFIX.length)

  return name.startsWith('=') ? decodeURIComponent(name.slice(1)) : name
}

/** The number in a `log/` or `request/` key. */
export function keyNumber (key: string): number {
  return parseInt(key.slice(key.lastIndexOf('/') + 1), 10)
}

/** Our own IDs are hexadecimal; those of other implementations may hold anything. */
function safe (messageId: string): string {
  return /^[0-9a-f]{64}$/.test(messageId) ? messageId : `=${encodeURIComponent(messageId)}`
}
