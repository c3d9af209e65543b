/**
 * A limit on the envelopes that a channel hands to the network, per epoch of the wall clock.
 *
 * ```ts
 * import { RateLimiter } from 'holdfast/ratelimit'
 *
 * const limiter = new RateLimiter({ enabled: true, epochPeriodSec: 600, messagesPerEpoch: 100 })
 *
 * if (!limiter.tryTake('content')) {
 *   await limiter.take('content', { signal })
 * }
 * ```
 *
 * Resends, repairs and sync messages draw on a share of their own. What must not wait is refused
 * when the limit is near. A `quotaProvider` such as RLN can tighten the limit and never widen it.
 */

export { RateLimiter } from './rate-limiter.js'
export type { RateLimiterInit, RateLimitKind, RateLimitSnapshot, RateLimitState } from './rate-limiter.js'
export type { Quota, QuotaProvider, RateLimitConfig } from './config.js'
export { RateLimitedError, RateLimitQueueFullError } from './errors.js'
