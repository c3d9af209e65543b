import { InvalidParametersError } from '@libp2p/interface'
import { rateLimitConfig } from '../ratelimit/config.js'
import { verifySdsConfig } from '../sds/index.js'
import { verifySegmentationConfig } from '../segmentation/index.js'
import type { ResolvedOptions } from './context.js'
import type { ChannelManagerInit, ChannelOptions, HistoryConfig, SendingConfig } from './types.js'

const MAX_ID_LENGTH = 256
const MAX_TOPIC_LENGTH = 256
const DAY_MS = 86_400_000

const HISTORY_DEFAULTS: HistoryConfig = {
  maxMessages: 100_000,
  maxBytes: 256 * 1024 * 1024,
  maxAgeMs: 30 * DAY_MS,
  join: 'recent'
}

const SENDING_DEFAULTS: SendingConfig = {
  maxQueued: 1_000,
  maxQueuedBytes: 128 * 1024 * 1024,
  maxInFlight: 1_024,
  maxInFlightBytes: 2 * 1024 * 1024,
  sendTimeoutMs: 30_000,
  retryMs: 500
}

/**
 * Checks the options of a channel and fills in the defaults.
 *
 * @throws {InvalidParametersError}
 */
export function resolveOptions (channelId: string, given: ChannelOptions, defaults: ChannelManagerInit['defaults'], senderId: string): ResolvedOptions {
  checkId('channelId', channelId, MAX_ID_LENGTH)

  if (given == null || typeof given.encryption?.encrypt !== 'function' || typeof given.encryption.decrypt !== 'function') {
    throw new InvalidParametersError('options.encryption is required: symmetric(), signed() or, where everybody may read, plaintext()')
  }

  const options = { ...defaults, ...given }
  const resolved: ResolvedOptions = {
    channelId,
    contentTopic: options.contentTopic ?? channelId,
    senderId: options.senderId ?? senderId,
    encryption: options.encryption,
    discoverySecret: options.discoverySecret,
    namespace: options.namespace,
    sendHandler: options.sendHandler,
    segmentation: verifySegmentationConfig({ ...defaults?.segmentation, ...given.segmentation }),
    sds: verifySdsConfig({ ...defaults?.sds, ...given.sds }),
    rateLimit: rateLimitConfig({ ...defaults?.rateLimit, ...given.rateLimit }),
    history: { ...HISTORY_DEFAULTS, ...defined(defaults?.history), ...defined(given.history) },
    sending: { ...SENDING_DEFAULTS, ...defined(defaults?.sending), ...defined(given.sending) }
  }

  checkId('contentTopic', resolved.contentTopic, MAX_TOPIC_LENGTH)
  checkId('senderId', resolved.senderId, MAX_ID_LENGTH)
  checkCounts('history', resolved.history, ['maxMessages', 'maxBytes', 'maxAgeMs'])
  checkCounts('sending', resolved.sending, ['maxQueued', 'maxQueuedBytes', 'maxInFlight', 'maxInFlightBytes', 'sendTimeoutMs', 'retryMs'])

  if (!['none', 'recent', 'full'].includes(resolved.history.join)) {
    throw new InvalidParametersError(`history.join must be 'none', 'recent' or 'full', not ${String(resolved.history.join)}`)
  }

  if (resolved.discoverySecret != null && !(resolved.discoverySecret instanceof Uint8Array && resolved.discoverySecret.byteLength > 0)) {
    throw new InvalidParametersError('discoverySecret must be a Uint8Array of at least one byte')
  }

  if (resolved.namespace != null && (resolved.namespace.length === 0 || new TextEncoder().encode(resolved.namespace).byteLength > 255)) {
    throw new InvalidParametersError('namespace must have 1 to 255 bytes of UTF-8')
  }

  return resolved
}

/** @throws {InvalidParametersError} */
export function checkId (name: string, value: unknown, max: number = MAX_ID_LENGTH): void {
  if (typeof value !== 'string' || value.length === 0 || value.length > max) {
    throw new InvalidParametersError(`${name} must be a string of 1 to ${max} characters`)
  }
}

function checkCounts<T> (name: string, config: T, keys: Array<keyof T & string>): void {
  for (const key of keys) {
    const value = config[key]

    if (!(typeof value === 'number' && value > 0)) {
      throw new InvalidParametersError(`${name}.${key} must be a number greater than 0, not ${String(value)}`)
    }
  }
}

/** Without the values that are undefined, which would hide defaults. */
function defined<T extends object> (value: T | undefined): Partial<T> {
  return Object.fromEntries(Object.entries(value ?? {}).filter(([, entry]) => entry !== undefined)) as Partial<T>
}
