const HOUR_MS = 60 * 60 * 1000

/** Windows kept at once. When there are more sources, the one that was used the longest ago is forgotten. */
const MAX_SOURCES = 5000

interface Window {
  start: number
  count: number
}

/** How many new peers one source may bring into the address book within an hour. */
export class SourceQuota {
  private readonly limit: number
  private readonly windows = new Map<string, Window>()

  constructor (limit: number) {
    this.limit = limit
  }

  /** Whether the source may bring one more. */
  has (source: string, now: number): boolean {
    const window = this.current(source, now)

    return window == null || window.count < this.limit
  }

  /** Counts one more, or says that the source has used up its share. */
  take (source: string, now: number): boolean {
    const window = this.current(source, now) ?? { start: now, count: 0 }

    if (window.count >= this.limit) {
      return false
    }

    window.count++
    this.windows.delete(source)
    this.windows.set(source, window)

    if (this.windows.size > MAX_SOURCES) {
      this.windows.delete([...this.windows.keys()][0])
    }

    return true
  }

  private current (source: string, now: number): Window | undefined {
    const window = this.windows.get(source)

    return window != null && now - window.start < HOUR_MS && now >= window.start ? window : undefined
  }
}
