/**
 * Holdfast: reliable channels for peer-to-peer applications.
 *
 * {@link createNode} puts everything together; {@link ChannelManager} is what applications drive.
 *
 * @packageDocumentation
 */

export * from './channel/index.js'
export { createKeyring, DecryptionError, KeyringError, NotMemberError, plaintext, SignatureError, signed, symmetric } from './encryption/index.js'
export type { Decrypted, Encryption, EncryptionContext, Keyring } from './encryption/index.js'
export { GossipsubConfigError, GossipsubMessaging, gossipsubOptions } from './messaging/index.js'
export type { MessageEnvelope, MessagingApi, MessagingEvents, MessagingRequestId, SendHandler } from './messaging/index.js'
export { discovery, DiscoveryManager } from './discovery/index.js'
export type { ChannelDiscovery, DiscoveryComponents, DiscoveryInit } from './discovery/index.js'
export { exchange } from './exchange/index.js'
export type { ExchangeComponents, ExchangeInit, MessageExchange } from './exchange/index.js'
export { rendezvousClient, rendezvousPoint } from './rendezvous/index.js'
export type { RendezvousClient, RendezvousClientComponents, RendezvousClientInit, RendezvousPoint, RendezvousPointComponents, RendezvousPointInit } from './rendezvous/index.js'
export { EmptyPayloadError, PayloadTooLargeError, StreamSizeError } from './segmentation/index.js'
export type { SegmentationConfig } from './segmentation/index.js'
export { RateLimitedError } from './ratelimit/index.js'
export type { RateLimitConfig } from './ratelimit/index.js'
export type { MessageId, SdsConfig } from './sds/index.js'
export { StoreClosedError, StoreCorruptError, StoreLockedError, StoreVersionError } from './storage/index.js'
export { systemClock, systemRandom } from './clock.js'
export type { Bytes, Cancel, Clock, Random } from './clock.js'
export * from './node/index.js'
export { AbortError, InvalidParametersError, NotStartedError, TimeoutError } from '@libp2p/interface'
