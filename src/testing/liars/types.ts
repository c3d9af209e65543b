import type { Encryption } from '../../encryption/index.js'
import type { Ed25519PrivateKey } from '@libp2p/interface'

/**
 * What a liar lies about.
 *
 * `clock`: Lamport timestamps far ahead, salts of all sizes. `filter`: bloom filters that claim everything, or that
 * contradict themselves. `sender`: messages in the name of others, and message IDs of others with
 * other content. `repair`: repair requests for everything and for nothing. `garbage`: bytes of all
 * kinds, down to valid encryption of nonsense. `replay`: what was said before, again, soon and
 * much later. `citation`: dependencies and retrieval hints that do not exist.
 *
 * In a simulation with `exchange`, where it is found and asked as members are: `log`, what it
 * lists and hides when others compare their logs with it or fetch the past. `server`: what it has, and
 * what it sends when it is asked. `stream`: frames that nobody asked for or that are none.
 */
export type LiarKind = 'clock' | 'filter' | 'sender' | 'repair' | 'garbage' | 'replay' | 'citation' | ExchangeLiarKind

export type ExchangeLiarKind = 'log' | 'server' | 'stream'

export interface LiarInit {
  kind: LiarKind
  /** @default 'simulation' */
  channelId?: string
  /** @default the channel ID */
  contentTopic?: string
  /** the key that it holds as an insider. @default plaintext() */
  encryption?: (privateKey: Ed25519PrivateKey) => Encryption
  /** ms until the first one. @default 30_000 */
  at?: number
  /** ms between two lies, on average. @default 2_000 */
  everyMs?: number
  /** how many it tells. @default 200 */
  count?: number
}
