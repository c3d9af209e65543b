import type { Committer } from './committer.js'
import type { ErrorReports } from './error-reports.js'
import type { Events } from './events.js'
import type { MessageLog } from './message-log.js'
import type { Payloads } from './payloads.js'
import type { Requests } from './requests.js'
import type { ChannelEvents, HistoryConfig, SendingConfig } from './types.js'
import type { Bytes, Clock, Random } from '../clock.js'
import type { Encryption, EncryptionContext } from '../encryption/index.js'
import type { SendHandler } from '../messaging/index.js'
import type { RateLimitConfig } from '../ratelimit/index.js'
import type { Sds, SdsConfig } from '../sds/index.js'
import type { Reassembly, SegmentationConfig, StreamAssembly } from '../segmentation/index.js'
import type { Store } from '../storage/index.js'
import type { Logger } from '@libp2p/interface'

/** The options of a channel, checked, with every default filled in. */
export interface ResolvedOptions {
  channelId: string
  contentTopic: string
  senderId: string
  encryption: Encryption
  discoverySecret?: Uint8Array
  namespace?: string
  sendHandler?: SendHandler
  segmentation: SegmentationConfig
  sds: SdsConfig
  rateLimit: RateLimitConfig
  history: HistoryConfig
  sending: SendingConfig
}

/** What the parts of one channel share. */
export interface ChannelContext {
  readonly options: ResolvedOptions
  readonly encryptionContext: EncryptionContext
  /** whether the state outlives the process */
  readonly durable: boolean
  readonly clock: Clock
  readonly random: Random
  readonly log?: Logger
  readonly events: Events<ChannelEvents>
  readonly errors: ErrorReports
  readonly store: Store
  readonly committer: Committer
  readonly sds: Sds
  readonly reassembly: Reassembly
  readonly streams: StreamAssembly
  readonly messages: MessageLog
  readonly requests: Requests
  readonly payloads: Payloads
  /** something changed: look again at timers and status */
  changed (): void
  /** lets the event loop turn, in the middle of long work */
  pause (): Promise<void>
  /** a message has entered the log */
  appended (): void
}

/** Turns of the promise queue until whoever awaits a call of ours, through two wrappers, has gone on. */
const CONTINUATION_TURNS = 12

/** Resolves when the continuation of a call that resolves now has run. */
export async function afterContinuation (): Promise<void> {
  for (let i = 0; i < CONTINUATION_TURNS; i++) {
    await Promise.resolve()
  }
}

/** Bytes over a plain ArrayBuffer; copied only when they are not. */
export function toBytes (bytes: Uint8Array): Bytes {
  return bytes.buffer instanceof ArrayBuffer ? bytes as Bytes : new Uint8Array(bytes)
}
