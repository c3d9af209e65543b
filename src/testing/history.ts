import type { ChannelStatus, RequestState } from '../channel/index.js'

/** One entry of a channel's log, as a member gave it out. */
export interface LogLine {
  messageId: string
  senderId: string
  /** of the payload */
  hash: string
}

/**
 * Something that a member's application did or was told. `call` numbers the calls of `send()` of
 * a simulation, since a request ID is known only when one resolved.
 */
export type Observation = { readonly at: number, readonly member: number, readonly life: number, readonly channelId: string } & (
  /** `since`: when it was asked for; `wall`: what the member's own clock shows, which may be wrong; ms; `whole`: what was before is fetched, all of it */
  | { type: 'opened', first: boolean, senderId: string, since: number, wall: number, whole?: boolean }
  | { type: 'open-failed', error: Error }
  | { type: 'closed' | 'deleted' }
  | { type: 'send', call: number, hash: string, size: number, ephemeral: boolean, wall: number }
  | { type: 'staged', call: number, requestId: string }
  | { type: 'refused', call: number, error: Error }
  | { type: 'queued', requestId: string, messageId?: string }
  | { type: 'sent' | 'delivered' | 'send-error' | 'delivery-error', requestId: string, messageId?: string, error?: Error }
  | { type: 'receipt', requestId: string, messageId?: string, senderId: string }
  | { type: 'received', messageId: string, senderId: string, hash: string, size: number, ephemeral: boolean, own: boolean, late: boolean }
  | { type: 'lost', messageId: string, citedBy: string }
  | { type: 'status', status: ChannelStatus }
  | { type: 'error', error: Error, count: number }
  /** the whole log in causal order: at every opening, and at the end; without lines when a crash came first */
  | { type: 'log', final: boolean, lines?: LogLine[] }
  /** what `request()` tells at the end of the simulation */
  | { type: 'request', requestId: string, state?: RequestState }
  /** bytes in the datastore */
  | { type: 'store', bytes: number }
  | { type: 'crashed' | 'started' }
  /** something that the simulation did to the network; its member is {@link NOBODY} */
  | { type: 'note', text: string }
  /** a handler of something from the network threw */
  | { type: 'threw', error: unknown }
)

export type ObservationOf<T extends Observation['type']> = Extract<Observation, { type: T }>

/** The channel ID of observations that are about a whole member. */
export const ALL_CHANNELS = ''

/** The member of observations that are about the network. */
export const NOBODY = -1
