/** Cookies remembered at once; the ones that were used the longest ago go first, which means the full list again. */
const MAX_COOKIES = 10_000

/** Longer ones are not kept. */
const MAX_COOKIE_BYTES = 1_000

/** Where a point's answers ended, and until when what came before can be taken as known. */
export interface Bookmark {
  cookie?: Uint8Array
  /** unix time in ms; from then on the list is wanted from its beginning */
  until: number
}

/** The cookies of points, by point and namespace. */
export class CookieJar {
  private readonly bookmarks = new Map<string, Bookmark>()

  /** Without a cookie when there is none that still serves. */
  get (key: string, now: number): Bookmark {
    const known = this.bookmarks.get(key)

    return known != null && now < known.until ? known : { until: Infinity }
  }

  delete (key: string): void {
    this.bookmarks.delete(key)
  }

  set (key: string, bookmark: Bookmark): void {
    const { cookie } = bookmark
    this.delete(key)

    if (cookie == null || cookie.byteLength > MAX_COOKIE_BYTES) {
      return
    }

    this.bookmarks.set(key, bookmark)

    if (this.bookmarks.size > MAX_COOKIES) {
      for (const oldest of this.bookmarks.keys()) {
        this.bookmarks.delete(oldest)
        break
      }
    }
  }
}
