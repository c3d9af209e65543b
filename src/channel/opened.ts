import type { PeerId } from '@libp2p/interface'

/** How a payload came, and from whom. */
export interface Arrival {
  /** the peer that relayed or served it */
  from?: PeerId
  /** when this copy left, as whoever sent it claims; ms */
  transmittedAt?: number
  /** asked for, rather than heard */
  fetched?: boolean
  /** the message that was asked for */
  wanted?: string
}

/** What a payload turned out to be. */
export interface Opened {
  payload: Uint8Array
  /** sha256 of the payload */
  hash: Uint8Array
  /** the serialised SDS message */
  content: Uint8Array
  sender?: PeerId
  senderId?: string
  arrival: Arrival
}
