import { RecentMap } from './recent-map.js'
import type { Member } from './types.js'
import type { PeerId } from '@libp2p/interface'

/** Members that are remembered; beyond that the one heard of least recently goes. */
const MAX_MEMBERS = 10_000

/** A member that was heard of within this time counts as connected. */
const CONNECTED_MS = 60_000

interface Seen {
  peerId?: PeerId
  lastSeen?: number
}

export interface RosterInit {
  senderId: string
  peerId?: PeerId
  /** peers of the channel that are connected, as far as anybody knows */
  connected (): ReadonlySet<string>
}

/** Who is in the channel, as far as their messages and the encryption tell. */
export class Roster {
  private readonly init: RosterInit
  private readonly seen = new RecentMap<string, Seen>(MAX_MEMBERS)
  private snapshot?: readonly Member[]
  private version = ''

  constructor (init: RosterInit) {
    this.init = init
  }

  /** Something of `senderId` came in; what was fetched says nothing of its presence. */
  heard (senderId: string, now: number, peerId?: PeerId, fetched = false): void {
    const known = this.seen.get(senderId)

    this.seen.set(senderId, {
      peerId: peerId ?? known?.peerId,
      lastSeen: fetched ? known?.lastSeen : now
    })
  }

  /** The peer ID that the encryption proved for a sender. */
  peerOf (senderId: string): PeerId | undefined {
    return this.seen.get(senderId)?.peerId
  }

  /** A frozen snapshot; the same one until it changes, `lastSeen` by itself being no change. */
  members (now: number): readonly Member[] {
    const connected = this.init.connected()
    const members: Member[] = [{ senderId: this.init.senderId, peerId: this.init.peerId, own: true, connected: true }]

    for (const [senderId, { peerId, lastSeen }] of this.seen.entries()) {
      if (senderId !== this.init.senderId) {
        members.push({
          senderId,
          peerId,
          own: false,
          connected: (lastSeen != null && lastSeen > now - CONNECTED_MS) || (peerId != null && connected.has(peerId.toString())),
          lastSeen
        })
      }
    }

    members.sort((a, b) => a.senderId < b.senderId ? -1 : a.senderId > b.senderId ? 1 : 0)

    const version = JSON.stringify(members.map(member => [member.senderId, member.connected, member.peerId?.toString()]))

    if (this.snapshot == null || version !== this.version) {
      this.version = version
      this.snapshot = Object.freeze(members.map(member => Object.freeze(member)))
    }

    return this.snapshot
  }
}
