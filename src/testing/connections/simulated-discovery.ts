import { toString } from 'uint8arrays/to-string'
import type { SimulatedConnections, SimulatedHost } from './simulated-connections.js'
import type { ChannelDiscovery, ChannelMembership, ChannelTopic, LocatedMember } from '../../discovery/types.js'
import type { PeerId } from '@libp2p/interface'

/** How long it takes at most until members find each other, or notice that one is gone, in ms. */
const FIND_MS = 3_000

/** Who is where, and in which channels. */
export class MeetingPlace {
  readonly connections: SimulatedConnections
  readonly places = new Set<Place>()

  constructor (connections: SimulatedConnections) {
    this.connections = connections
    connections.watch(() => { this.changed() })
  }

  /** The discovery of one process. */
  discovery (host: SimulatedHost): ChannelDiscovery {
    return {
      join: (topic) => {
        const place = new Place(this, host, topic)

        this.places.add(place)
        this.changed()

        return place
      }
    }
  }

  changed (): void {
    this.places.forEach(place => { place.host.alive ? place.look() : this.places.delete(place) })
  }
}

/** A channel of one process, and the other members as far as it has found them. */
class Place implements ChannelMembership {
  readonly host: SimulatedHost
  keys: Set<string>
  private readonly meeting: MeetingPlace
  private located = new Map<string, LocatedMember>()
  private readonly listeners = new Set<() => void>()
  private looking = false

  constructor (meeting: MeetingPlace, host: SimulatedHost, { keys }: ChannelTopic) {
    this.meeting = meeting
    this.host = host
    this.keys = toSet(keys)
  }

  peers (): PeerId[] {
    return this.members().map(({ peer }) => peer)
  }

  members (): LocatedMember[] {
    return [...this.located.values()]
  }

  need (): void {
    this.look()
  }

  setKeys (keys: Uint8Array[]): void {
    this.keys = toSet(keys)
    this.meeting.changed()
  }

  onChange (fn: () => void): () => void {
    this.listeners.add(fn)

    return () => { this.listeners.delete(fn) }
  }

  async leave (): Promise<void> {
    this.listeners.clear()
    this.meeting.places.delete(this)
  }

  /** Finds out who is there, in a while. */
  look (): void {
    const { network: { clock }, random } = this.meeting.connections

    if (!this.looking) {
      this.looking = true
      clock.setTimer(() => {
        this.looking = false
        this.host.alive && this.find(clock.now())
      }, random.integer(FIND_MS))
    }
  }

  private find (now: number): void {
    const { places, connections } = this.meeting
    const before = this.describe()
    const near = connections.random.shuffle([...places].filter(({ host, keys }) => connections.reaches(this.host, host) && [...keys].some(key => this.keys.has(key))))
      .map(({ host: { peerId: peer } }): LocatedMember => ({ peer, proven: true, seenAt: now, connected: true }))
    const away = this.members().filter(({ peer }) => !near.some(member => member.peer.equals(peer))).map(member => ({ ...member, connected: false }))

    this.located = new Map([...near, ...away].map(member => [member.peer.toString(), member]))

    if (this.describe() !== before) {
      this.listeners.forEach(fn => { fn() })
    }
  }

  private describe (): string {
    return [...this.located.values()].map(({ peer, connected }) => `${peer.toString()} ${connected}`).sort().join()
  }
}

function toSet (keys: Uint8Array[]): Set<string> {
  return new Set(keys.map(key => toString(key, 'hex')))
}
