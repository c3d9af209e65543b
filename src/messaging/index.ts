/**
 * The MESSAGING-API of the Logos LIPs over libp2p's gossipsub: envelopes of 14/WAKU2-MESSAGE on
 * content topics.
 *
 * The default profile maps one content topic to one gossipsub topic; `waku` uses the shard topics
 * and message IDs of Waku clusters without RLN. Both need a gossipsub that neither signs nor names
 * its messages by author, which {@link gossipsubOptions} sets up.
 */

export { GossipsubMessaging } from './gossipsub-messaging.js'
export type { GossipsubMessagingComponents, GossipsubMessagingInit, MessagingCounters } from './gossipsub-messaging.js'
export { checkGossipsub, gossipsubOptions } from './gossipsub-options.js'
export { decodeEnvelope, encodeEnvelope, isMarked, MARKER, MAX_ENVELOPE_BYTES } from './envelope.js'
export { messageHash } from './message-hash.js'
export { createProfile } from './profile.js'
export type { MessagingProfile, Profile, ProfileOptions } from './profile.js'
export { EnvelopeFormatError, EnvelopeTooLargeError, GossipsubConfigError, NoPeersError, PublishQueueFullError } from './errors.js'
export type { MessageEnvelope, MessagingApi, MessagingEvents, MessagingRequestId, SendHandler } from './types.js'
