import { InvalidParametersError } from '@libp2p/interface'
import { toError } from '../../to-error.js'
import type { Namespace, RegisterResult } from './types.js'
import type { Cancel, Clock, Random } from '../../clock.js'
import type { AbortOptions, PeerId } from '@libp2p/interface'

/** Namespaces kept registered at once: a point takes no more from one peer. */
const MAX_NAMESPACES = 1_000

/** Part of the TTL after which a registration is refreshed, at least and at most. */
const REFRESH_FROM = 0.5
const REFRESH_TO = 0.75

/** First delay after a failure; it doubles with each one more. */
const RETRY_MS = 1_000
const MAX_RETRY_MS = 5 * 60_000

export interface UpkeepInit {
  clock: Clock
  random: Random
  /** what a registration made now would say of us */
  addresses (): string
  /** one registration at one point, bounded in time; resolves with the seconds granted */
  register (point: PeerId, namespace: string, ttl: number, options?: AbortOptions): Promise<number>
}

interface Wanted {
  namespace: Namespace
  ttl: number
  places: Map<string, Place>
}

/** A wanted registration at one point. */
interface Place {
  readonly point: PeerId
  /** names under which it was registered there, the last one last */
  readonly names: Set<string>
  /** of ours, when it was last tried */
  addresses?: string
  failures: number
  running?: Promise<Attempt>
  /** asked for again while running: ms after which to do so */
  againIn: number
  cancel?: Cancel
}

interface Attempt {
  result: RegisterResult
  /** ms until the next one */
  delay: number
}

/** Keeps registrations alive at every point until they are no longer wanted. */
export class Upkeep {
  private readonly init: UpkeepInit
  private readonly wanted = new Map<Namespace, Wanted>()
  private stopped = true

  constructor (init: UpkeepInit) {
    this.init = init
  }

  /** Registers at all the points now, and from here on by itself. */
  async add (namespace: Namespace, ttl: number, points: readonly PeerId[], options?: AbortOptions): Promise<RegisterResult[]> {
    const wanted = this.wanted.get(namespace) ?? { namespace, ttl, places: new Map<string, Place>() }

    if (!this.wanted.has(namespace) && this.wanted.size >= MAX_NAMESPACES) {
      throw new InvalidParametersError(`at most ${MAX_NAMESPACES} namespaces are kept registered at once`)
    }

    wanted.ttl = ttl
    this.wanted.set(namespace, wanted)

    return await Promise.all(points.map(async point => await this.run(wanted, this.place(wanted, point), options)))
  }

  /** @returns the names under which it is registered, by point, once nothing is under way */
  async remove (namespace: Namespace): Promise<Array<{ point: PeerId, names: string[] }>> {
    const wanted = this.wanted.get(namespace)
    this.wanted.delete(namespace)

    return await Promise.all([...wanted?.places.values() ?? []].map(async place => {
      place.cancel?.()
      await place.running

      return { point: place.point, names: [...place.names] }
    }))
  }

  start (): void {
    this.stopped = false
  }

  stop (): void {
    this.stopped = true

    for (const { places } of this.wanted.values()) {
      places.forEach(place => { place.cancel?.() })
    }
  }

  /** Everything again at these points, after `delayMs` of up to double that. */
  refresh (points: readonly PeerId[], delayMs = 0): void {
    for (const wanted of this.wanted.values()) {
      for (const point of points) {
        this.runIn(wanted, this.place(wanted, point), delayMs * (1 + this.init.random.float()))
      }
    }
  }

  /** Again wherever it was last tried with other addresses than ours are now. */
  refreshOutdated (): void {
    const now = this.init.addresses()

    for (const wanted of this.wanted.values()) {
      for (const place of wanted.places.values()) {
        if (place.addresses !== now) {
          this.runIn(wanted, place, 0)
        }
      }
    }
  }

  /** The point is no longer in use. */
  forget (point: PeerId): void {
    for (const { places } of this.wanted.values()) {
      places.get(point.toString())?.cancel?.()
      places.delete(point.toString())
    }
  }

  private place (wanted: Wanted, point: PeerId): Place {
    const id = point.toString()
    const place = wanted.places.get(id) ?? { point, names: new Set(), failures: 0, againIn: Infinity }
    wanted.places.set(id, place)

    return place
  }

  private isWanted (wanted: Wanted, place: Place): boolean {
    return !this.stopped && this.wanted.get(wanted.namespace) === wanted && wanted.places.get(place.point.toString()) === place
  }

  private runIn (wanted: Wanted, place: Place, ms: number): void {
    if (place.running != null) {
      place.againIn = Math.min(place.againIn, ms)
    } else {
      this.schedule(wanted, place, ms)
    }
  }

  private schedule (wanted: Wanted, place: Place, ms: number): void {
    place.cancel?.()

    if (this.isWanted(wanted, place)) {
      place.cancel = this.init.clock.setTimer(() => { void this.run(wanted, place) }, ms)
    }
  }

  /** One at a time for a place; never rejects. */
  private async run (wanted: Wanted, place: Place, options?: AbortOptions): Promise<RegisterResult> {
    place.cancel?.()

    const turn = (place.running ?? Promise.resolve()).then(async () => await this.attempt(wanted, place, options))
    place.running = turn
    const { result, delay } = await turn

    if (place.running === turn) {
      place.running = undefined
      // a failure has its own delay, or a point that drops connections would be asked without pause
      this.schedule(wanted, place, result.error == null ? Math.min(place.againIn, delay) : delay)
      place.againIn = Infinity
    }

    return result
  }

  private async attempt (wanted: Wanted, place: Place, options?: AbortOptions): Promise<Attempt> {
    const { point } = place
    const { random } = this.init

    try {
      place.addresses = this.init.addresses()
      const name = nameAt(wanted.namespace, point)
      const ttl = await this.init.register(point, name, wanted.ttl, options)
      place.failures = 0
      place.names.delete(name)
      place.names.add(name)
      forgetNames(place)

      // no least: a point may grant seconds
      return { result: { point, ttl }, delay: ttl * 1_000 * (REFRESH_FROM + (REFRESH_TO - REFRESH_FROM) * random.float()) }
    } catch (err) {
      const delay = Math.min(RETRY_MS * 2 ** Math.min(place.failures, 20), MAX_RETRY_MS) * (0.5 + random.float())
      place.failures++

      return { result: { point, error: toError(err) }, delay }
    }
  }
}

/** A namespace that follows the calendar leaves names behind; the last few are enough to unregister. */
function forgetNames ({ names }: Place): void {
  for (const name of names) {
    if (names.size <= 4) {
      return
    }

    names.delete(name)
  }
}

export function nameAt (namespace: Namespace, point: PeerId): string {
  return typeof namespace === 'function' ? namespace(point) : namespace
}
