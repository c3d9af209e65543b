import { RecentMap } from './recent-map.js'
import type { Member } from './types.js'
import type { PeerId } from '@libp2p/interface'

/** Senders whose peer ID is remembered; beyond that the one proven first goes. */
const MAX_MEMBERS = 10_000

/** A member that was heard of within this time counts as connected. */
const CONNECTED_MS = 60_000

export interface RosterInit {
  senderId: string
  peerId?: PeerId
  /** peers of the channel that are connected, as far as anybody knows */
  connected (): ReadonlySet<string>
  /** other senders that were heard, and when, in ms */
  heard (): Iterable<{ senderId: string, lastSeen?: number }>
}

/** Who is in the channel, as far as their messages and the encryption tell. */
export class Roster {
  private readonly init: RosterInit
  private readonly proven = new RecentMap<string, PeerId>(MAX_MEMBERS)
  private snapshot?: readonly Member[]
  private version = ''

  constructor (init: RosterInit) {
    this.init = init
  }

  /** The encryption proved which peer a sender is. */
  verified (senderId: string, peerId?: PeerId): void {
    if (peerId != null && this.proven.get(senderId)?.equals(peerId) !== true) {
      this.proven.set(senderId, peerId)
    }
  }

  /** The peer ID that the encryption proved for a sender. */
  peerOf (senderId: string): PeerId | undefined {
    return this.proven.get(senderId)
  }

  /** A frozen snapshot; the same one until it changes, `lastSeen` by itself being no change. */
  members (now: number): readonly Member[] {
    const connected = this.init.connected()
    const members: Member[] = [{ senderId: this.init.senderId, peerId: this.init.peerId, own: true, connected: true }]

    for (const { senderId, lastSeen } of this.init.heard()) {
      if (senderId !== this.init.senderId) {
        const peerId = this.proven.get(senderId)

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
