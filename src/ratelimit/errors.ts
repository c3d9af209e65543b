/** Something that must not wait has no place within the rate limit. */
export class RateLimitedError extends Error {
  static name = 'RateLimitedError'
  name = 'RateLimitedError'

  /** @param resumesAt - unix ms at which there is place again; undefined: never */
  constructor (message: string, readonly resumesAt?: number) {
    super(message)
  }
}

/** As many wait for the rate limit as may. */
export class RateLimitQueueFullError extends Error {
  static name = 'RateLimitQueueFullError'
  name = 'RateLimitQueueFullError'
}
