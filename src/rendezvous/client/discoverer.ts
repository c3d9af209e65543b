import { DiscoverError, toError } from '../errors.js'
import { supersedes } from './peer-cache.js'
import { nameAt } from './upkeep.js'
import type { Point } from './point-book.js'
import type { CheckedPage } from './point-client.js'
import type { Namespace, RegisteredPeer } from './types.js'
import type { Clock } from '../../clock.js'
import type { AbortOptions, PeerId } from '@libp2p/interface'

/** Pages fetched from one point in one go: a point that always has more is not followed for ever. */
const MAX_PAGES = 64

/** After this long no further page is fetched from a point: one that is slow holds up the others. */
const MAX_HARVEST_MS = 10_000

/** Cookies remembered at once; the ones that were used the longest ago go first, which means the full list again. */
const MAX_COOKIES = 10_000

/** Longer ones are not kept. */
const MAX_COOKIE_BYTES = 1_000

export interface DiscovererInit {
  clock: Clock
  /** one page from one point, bounded in time */
  fetch (point: PeerId, namespace: string, limit: number, cookie?: Uint8Array, options?: AbortOptions): Promise<CheckedPage>
  /** called with what was found, before it is handed on */
  store (peers: RegisteredPeer[]): Promise<void>
}

/** In place of a page that did not come. */
const NOTHING: CheckedPage = { peers: [], received: 0 }

/** What one point had. */
interface Harvest {
  key: string
  /** by namespace and peer */
  peers: Map<string, RegisteredPeer>
  cookie?: Uint8Array
}

/** Asks all points for what is new, and merges their answers. */
export class Discoverer {
  private readonly init: DiscovererInit
  private readonly cookies = new Map<string, Uint8Array>()

  constructor (init: DiscovererInit) {
    this.init = init
  }

  forget (): void {
    this.cookies.clear()
  }

  /**
   * Cookies are kept once the caller has read to the end: what it did not take, and what
   * fell to the limit, comes again.
   */
  async * discover (namespace: Namespace, limit: number, points: readonly Point[], options?: AbortOptions): AsyncGenerator<RegisteredPeer> {
    const outcomes = await Promise.allSettled(points.map(async ({ id }) => await this.harvest(id, nameAt(namespace, id), limit, options)))
    options?.signal?.throwIfAborted()

    const harvests = outcomes.flatMap(outcome => outcome.status === 'fulfilled' ? [outcome.value] : [])

    if (harvests.length === 0 && outcomes.length > 0) {
      throw new DiscoverError(outcomes.map(outcome => toError(outcome.status === 'rejected' ? outcome.reason : undefined)), 'no rendezvous point could be asked')
    }

    const { peers, complete } = merge(harvests, limit)
    await this.init.store(peers)

    yield * peers

    complete.forEach(harvest => { this.remember(harvest) })
  }

  private async harvest (point: PeerId, namespace: string, limit: number, options?: AbortOptions): Promise<Harvest> {
    const key = `${point.toString()}/${namespace}`
    const harvest: Harvest = { key, peers: new Map(), cookie: this.cookies.get(key) }

    const until = this.init.clock.now() + MAX_HARVEST_MS

    for (let page = 0; page < MAX_PAGES && harvest.peers.size < limit && this.init.clock.now() < until; page++) {
      const fetched = this.init.fetch(point, namespace, limit - harvest.peers.size, harvest.cookie, options)
      // what came before a failure is no worse for it; the cookie leads on from there
      const { peers, cookie, received } = await (page === 0 ? fetched : fetched.catch(() => NOTHING))
      const before = harvest.peers.size
      peers.forEach(peer => { harvest.peers.set(`${peer.id.toString()}/${peer.namespace}`, peer) })
      harvest.cookie = cookie ?? harvest.cookie

      // some points repeat themselves at the end; a page of nothing but our own record is none
      if (received === 0 || cookie == null || (peers.length > 0 && harvest.peers.size === before)) {
        break
      }
    }

    return harvest
  }

  private remember ({ key, cookie }: Harvest): void {
    this.cookies.delete(key)

    if (cookie == null || cookie.byteLength > MAX_COOKIE_BYTES) {
      return
    }

    this.cookies.set(key, cookie)

    if (this.cookies.size > MAX_COOKIES) {
      for (const oldest of this.cookies.keys()) {
        this.cookies.delete(oldest)
        break
      }
    }
  }
}

/** At most `limit` peers, each once, and the harvests of which none was left out. */
function merge (harvests: readonly Harvest[], limit: number): { peers: RegisteredPeer[], complete: Harvest[] } {
  const peers = new Map<string, RegisteredPeer>()

  const complete = harvests.filter(harvest => {
    let whole = true

    for (const peer of harvest.peers.values()) {
      const id = peer.id.toString()
      const known = peers.get(id)

      if (known == null && peers.size >= limit) {
        whole = false
      } else if (known == null || supersedes(peer, known)) {
        peers.set(id, peer)
      }
    }

    return whole
  })

  return { peers: [...peers.values()], complete }
}
