import { InvalidParametersError } from '@libp2p/interface'

/** What a stricter limit of the network, such as RLN, grants for now. */
export interface Quota {
  /** index of its own epoch; the count starts again when it changes */
  epoch: number
  /** messages in that epoch */
  messages: number
  /** unix ms at which that epoch ends; it is asked again then. @default the end of our own epoch */
  endsAt?: number
}

/** Can tighten the limit, never widen it: a message has to fit both. Undefined: our limit alone. */
export type QuotaProvider = () => Quota | undefined

/** How many envelopes a channel may hand to the network. */
export interface RateLimitConfig {
  /** @default false */
  enabled: boolean
  /** length of an epoch in seconds; epochs are those of the wall clock, `floor(unix / epochPeriodSec)`. @default 600 */
  epochPeriodSec: number
  /** envelopes in one epoch, all kinds together; 0 admits none. @default 100 */
  messagesPerEpoch: number
  /** part of them that is kept for resends, repairs and sync messages, from 0 to less than 1. @default 0.2 */
  upkeepShare: number
  /** how many may wait. @default 1_000 */
  maxQueued: number
  quotaProvider?: QuotaProvider
}

const DEFAULTS: RateLimitConfig = {
  enabled: false,
  epochPeriodSec: 600,
  messagesPerEpoch: 100,
  upkeepShare: 0.2,
  maxQueued: 1000
}

export function rateLimitConfig (options: Partial<RateLimitConfig> = {}): RateLimitConfig {
  const config = { ...DEFAULTS, ...Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) }

  check('epochPeriodSec', 'a positive number', config.epochPeriodSec > 0 && config.epochPeriodSec < Infinity)
  check('messagesPerEpoch', 'a whole number, 0 or more', Number.isSafeInteger(config.messagesPerEpoch) && config.messagesPerEpoch >= 0)
  check('upkeepShare', 'at least 0 and less than 1', config.upkeepShare >= 0 && config.upkeepShare < 1)
  check('maxQueued', 'a whole number, 0 or more', Number.isSafeInteger(config.maxQueued) && config.maxQueued >= 0)
  check('quotaProvider', 'a function', config.quotaProvider == null || typeof config.quotaProvider === 'function')

  return config
}

/** The two budgets that `messages` split into. Both get something when there are at least two. */
export function budgets (messages: number, upkeepShare: number): { content: number, upkeep: number } {
  const upkeep = upkeepShare === 0 || messages < 2
    ? 0
    : Math.min(Math.max(Math.round(messages * upkeepShare), 1), messages - 1)

  return { content: messages - upkeep, upkeep }
}

function check (name: string, allowed: string, ok: boolean): void {
  if (!ok) {
    throw new InvalidParametersError(`rateLimit.${name} must be ${allowed}`)
  }
}
