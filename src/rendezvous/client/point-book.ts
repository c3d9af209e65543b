import { InvalidParametersError } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { CODE_P2P, multiaddr } from '@multiformats/multiaddr'
import type { PointStatus } from './types.js'
import type { DialTarget, PeerId, PeerStore } from '@libp2p/interface'
import type { ConnectionManager } from '@libp2p/interface-internal'
import type { Multiaddr } from '@multiformats/multiaddr'

/** Points at once; found ones beyond it are passed over, added ones take the place of a found one or are refused. */
const MAX_POINTS = 64

/** A point that failed is left out for this long, doubled with each failure in a row, and at most. */
const LEAVE_OUT_MS = 1_000
const MAX_LEAVE_OUT_MS = 5 * 60_000

/** Failures in a row after which a found point is no longer one. */
const GIVE_UP_AFTER = 5

export interface Point {
  readonly id: PeerId
  readonly source: PointStatus['source']
  readonly multiaddrs: Multiaddr[]
  failures: number
  lastError?: Error
  /** after a failure: when it is worth another try, unix time in ms */
  leftOutUntil?: number
  /** a registration got through in the legacy form only */
  legacy: boolean
  /** when the last connection was lost, unix time in ms */
  lostAt?: number
}

export interface PointBookComponents {
  peerId: PeerId
  peerStore: PeerStore
  connectionManager: ConnectionManager
}

/** The rendezvous points in use: those named by the application, else those found. */
export class PointBook {
  private readonly components: PointBookComponents
  private readonly protocol: string
  private readonly known = new Map<string, Point>()

  constructor (components: PointBookComponents, protocol: string, addresses: ReadonlyArray<string | Multiaddr>) {
    this.components = components
    this.protocol = protocol
    addresses.forEach(address => { this.add(address, 'configured') })
  }

  /** Those in use. */
  list (): Point[] {
    const points = [...this.known.values()]
    const named = points.filter(point => point.source !== 'found')

    return named.length > 0 ? named : points
  }

  get (id: PeerId): Point | undefined {
    return this.known.get(id.toString())
  }

  /** Those in use that work, and those that are worth another try; all of them where that is none. */
  askable (now: number): Point[] {
    const points = this.list()
    // a clock that was set back leaves nobody out for longer
    const askable = points.filter(({ leftOutUntil = now }) => leftOutUntil <= now || leftOutUntil > now + MAX_LEAVE_OUT_MS)

    return askable.length > 0 ? askable : points
  }

  /**
   * Ours counts as none: a node does not dial itself.
   *
   * @returns whose address it is, and the found point whose place it took
   */
  add (address: string | Multiaddr, source: 'configured' | 'added'): { id: PeerId, replaced?: PeerId } {
    const [ma, id] = parse(address)
    const known = this.get(id)
    let replaced: PeerId | undefined

    if (id.equals(this.components.peerId)) {
      return { id }
    }

    if (known == null || known.source === 'found') {
      if (known == null && this.known.size >= MAX_POINTS) {
        replaced = this.dropFound()
      }

      this.known.set(id.toString(), { id, source, multiaddrs: [ma], failures: 0, legacy: known?.legacy ?? false })
    } else if (!known.multiaddrs.some(other => other.equals(ma))) {
      known.multiaddrs.push(ma)
    }

    return { id, replaced }
  }

  /** @returns whether it is a new one */
  found (id: PeerId): boolean {
    if (this.get(id) != null || this.known.size >= MAX_POINTS || id.equals(this.components.peerId)) {
      return false
    }

    this.known.set(id.toString(), { id, source: 'found', multiaddrs: [], failures: 0, legacy: false })

    return true
  }

  remove (id: PeerId): void {
    this.known.delete(id.toString())
  }

  /** Takes in the peers that speak the protocol, where the application named no points. */
  async find (): Promise<void> {
    if (this.list().some(point => point.source !== 'found')) {
      return
    }

    const peers = await this.components.peerStore.all({
      filters: [peer => peer.protocols.includes(this.protocol)],
      limit: MAX_POINTS
    })

    peers.forEach(peer => { this.found(peer.id) })
  }

  /** Addresses given by the application are dialled each time: the peer store forgets them after an hour. */
  target (id: PeerId): DialTarget {
    const point = this.get(id)

    return point == null || point.multiaddrs.length === 0 ? id : point.multiaddrs
  }

  succeeded (id: PeerId): void {
    const point = this.get(id)

    if (point != null) {
      point.failures = 0
      point.lastError = undefined
      point.leftOutUntil = undefined
    }
  }

  /** @returns whether it is given up: found by ourselves, and gone */
  failed (id: PeerId, error: Error, now: number): boolean {
    const point = this.get(id)

    if (point == null) {
      return false
    }

    point.leftOutUntil = now + Math.min(LEAVE_OUT_MS * 2 ** Math.min(point.failures, 20), MAX_LEAVE_OUT_MS)
    point.failures++
    point.lastError = error

    return point.source === 'found' && point.failures >= GIVE_UP_AFTER && this.known.delete(id.toString())
  }

  /** Whoever connects can be a found point: they are no reason to refuse one that the application names. */
  private dropFound (): PeerId {
    const found = [...this.known.values()].find(({ source }) => source === 'found')

    if (found == null) {
      throw new InvalidParametersError(`at most ${MAX_POINTS} rendezvous points are used at once`)
    }

    this.known.delete(found.id.toString())

    return found.id
  }

  status (): PointStatus[] {
    return this.list().map(({ id, source, multiaddrs, failures, lastError }) => ({
      point: id,
      source,
      multiaddrs: [...multiaddrs],
      connected: this.components.connectionManager.getConnections(id).length > 0,
      failures,
      lastError
    }))
  }
}

function parse (address: string | Multiaddr): [Multiaddr, PeerId] {
  let last

  try {
    const ma = multiaddr(address)
    last = ma.getComponents().at(-1)

    if (last?.code === CODE_P2P && last.value != null) {
      return [ma, peerIdFromString(last.value)]
    }
  } catch (err) {
    throw new InvalidParametersError(`'${address.toString()}' is no multiaddr`)
  }

  throw new InvalidParametersError(`the address of a rendezvous point ends in /p2p/<peer ID>, unlike '${address.toString()}'`)
}
