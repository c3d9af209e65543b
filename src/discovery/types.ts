import type { AbortOptions, PeerId } from '@libp2p/interface'

/** What a channel asks of discovery. */
export interface ChannelTopic {
  channelId: string
  /** 32-byte discovery keys of the channel, current first; at most 8. May be empty with a `namespace`. */
  keys: Uint8Array[]
  /** a fixed, public rendezvous namespace instead of the derived ones */
  namespace?: string
}

/** A member of a channel, as far as discovery knows it. */
export interface LocatedMember {
  peer: PeerId
  /** it has shown that it knows a key of the channel; otherwise others, or a rendezvous point, say so */
  proven: boolean
  /** Unix time in ms of the newest sign of membership */
  seenAt: number
  connected: boolean
}

/** A channel's place in discovery, from `join()` until `leave()`. */
export interface ChannelMembership {
  /** members located so far, freshest first; live */
  peers (): PeerId[]
  /** the same, with what is known of each */
  members (): LocatedMember[]
  /** says that fewer than `count` members are connected: look harder for a while */
  need (count: number): void
  /** replaces the keys, during and after a key rotation */
  setKeys (keys: Uint8Array[]): void
  /** called when `peers()` changed, or the connection with one of them; returns the way to stop it */
  onChange (fn: () => void): () => void
  /** unregisters and forgets the topic */
  leave (options?: AbortOptions): Promise<void>
}

/** The part of discovery that `ChannelManager` uses. */
export interface ChannelDiscovery {
  /** local work only: searching goes on behind it */
  join (topic: ChannelTopic): ChannelMembership
}
