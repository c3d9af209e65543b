import { toError } from '../../to-error.js'
import { DiscoverError, NoAnswerError } from '../errors.js'
import { CookieJar } from './cookie-jar.js'
import { supersedes } from './peer-cache.js'
import { nameAt } from './upkeep.js'
import type { Bookmark } from './cookie-jar.js'
import type { Point } from './point-book.js'
import type { CheckedPage } from './point-client.js'
import type { Namespace, RegisteredPeer } from './types.js'
import type { Clock } from '../../clock.js'
import type { AbortOptions, PeerId } from '@libp2p/interface'

/** Pages fetched from one point in one go: a point that always has more is not followed for ever. */
const MAX_PAGES = 64

/** After this long no further page is fetched from a point: one that is slow holds up the others. */
const MAX_HARVEST_MS = 10_000

export interface DiscovererInit {
  clock: Clock
  /** one page from one point, bounded in time */
  fetch (point: PeerId, namespace: string, limit: number, cookie?: Uint8Array, options?: AbortOptions): Promise<CheckedPage>
  /** called with the peers that were found, before they are handed on, and with all of their registrations */
  store (peers: RegisteredPeer[], registrations: RegisteredPeer[]): Promise<void>
}

/** In place of a page that did not come. */
const NOTHING: CheckedPage = { peers: [], received: 0, isCookieRefused: false }

/** What one point had. */
interface Harvest extends Bookmark {
  key: string
  /** by namespace and peer */
  peers: Map<string, RegisteredPeer>
}

/** Asks all points for what is new, and merges their answers. */
export class Discoverer {
  private readonly init: DiscovererInit
  private jar = new CookieJar()

  constructor (init: DiscovererInit) {
    this.init = init
  }

  /** From now on everything is new again. */
  forget (): void {
    this.jar = new CookieJar()
  }

  /**
   * Cookies are kept once the caller has read to the end: what it did not take, and what
   * fell to the limit, comes again.
   */
  async * discover (namespace: Namespace, limit: number, points: readonly Point[], options?: AbortOptions): AsyncGenerator<RegisteredPeer> {
    // not one that was begun anew meanwhile
    const { jar } = this
    const outcomes = await Promise.allSettled(points.map(async ({ id }) => await this.harvest(jar, id, nameAt(namespace, id), limit, options)))
    options?.signal?.throwIfAborted()

    const harvests = outcomes.flatMap(outcome => outcome.status === 'fulfilled' ? [outcome.value] : [])

    if (harvests.length === 0 && outcomes.length > 0) {
      throw new DiscoverError(outcomes.map(outcome => toError(outcome.status === 'rejected' ? outcome.reason : undefined)), 'no rendezvous point could be asked')
    }

    const { peers, registrations, complete } = merge(harvests, limit)
    await this.init.store(peers, registrations)

    yield * peers

    complete.forEach(({ key, cookie, until }) => { jar.set(key, { cookie, until }) })
  }

  private async harvest (jar: CookieJar, point: PeerId, namespace: string, limit: number, options?: AbortOptions): Promise<Harvest> {
    const { clock } = this.init
    const key = `${point.toString()}/${namespace}`
    const harvest: Harvest = { key, peers: new Map(), ...jar.get(key, clock.now()) }

    const end = clock.now() + MAX_HARVEST_MS

    for (let page = 0; page < MAX_PAGES && harvest.peers.size < limit && clock.now() < end; page++) {
      const fetched = this.init.fetch(point, namespace, limit - harvest.peers.size, harvest.cookie, options)
      // what came before a failure is no worse for it; the cookie leads on from there
      const { peers, cookie, received, isCookieRefused, shortenedTo = Infinity } = await fetched.catch(err => {
        if (page > 0) {
          return NOTHING
        }

        // some points reset the stream over a cookie that they cannot read
        if (err instanceof NoAnswerError) {
          jar.delete(key)
        }

        throw err
      })
      const before = harvest.peers.size
      peers.forEach(peer => { harvest.peers.set(`${peer.id.toString()}/${peer.namespace}`, peer) })
      harvest.cookie = cookie ?? (isCookieRefused ? undefined : harvest.cookie)
      harvest.until = Math.min(harvest.until, clock.now() + shortenedTo * 1_000)

      // some points repeat themselves at the end; a page of nothing but our own record is none
      if (received === 0 || cookie == null || (peers.length > 0 && harvest.peers.size === before)) {
        break
      }
    }

    return harvest
  }
}

/**
 * At most `limit` peers, each once; all of their registrations, at each point; and the
 * harvests of which none was left out.
 */
function merge (harvests: readonly Harvest[], limit: number): { peers: RegisteredPeer[], registrations: RegisteredPeer[], complete: Harvest[] } {
  const peers = new Map<string, RegisteredPeer>()
  const registrations: RegisteredPeer[] = []

  const complete = harvests.filter(harvest => {
    let whole = true

    for (const peer of harvest.peers.values()) {
      const id = peer.id.toString()
      const known = peers.get(id)

      if (known == null && peers.size >= limit) {
        whole = false
        continue
      }

      registrations.push(peer)

      if (known == null || supersedes(peer, known)) {
        peers.set(id, peer)
      }
    }

    return whole
  })

  return { peers: [...peers.values()], registrations, complete }
}
