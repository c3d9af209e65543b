const HOUR_MS = 60 * 60 * 1000

/** Windows kept at once. When there are more sources, the oldest window is forgotten. */
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

  /** Counts one more, or says that the source has used up its share. */
  take (source: string, now: number): boolean {
    let window = this.windows.get(source)

    if (window == null || now - window.start >= HOUR_MS || now < window.start) {
      window = { start: now, count: 0 }
      this.windows.delete(source)
      this.windows.set(source, window)
    }

    if (window.count >= this.limit) {
      return false
    }

    window.count++

    if (this.windows.size > MAX_SOURCES) {
      this.windows.delete([...this.windows.keys()][0])
    }

    return true
  }
}
