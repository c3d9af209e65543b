export const EXCHANGE_PROTOCOL = '/holdfast/exchange/1.0.0'

/** Bytes of the longest frame that is sent or read, its length prefix not counted. */
export const MAX_FRAME_BYTES = 512 * 1024

/** Bytes of the longest payload: a frame less room for the rest of it. */
export const MAX_PAYLOAD_BYTES = MAX_FRAME_BYTES - 1024

/** Bytes of payloads that one delivery frame aims at. */
export const BATCH_BYTES = 128 * 1024

/** Bytes of a message ID, or a sender ID, in UTF-8. */
export const MAX_ID_BYTES = 128

export const HASH_BYTES = 32
export const NONCE_BYTES = 32
export const KEY_BYTES = 32

/** Entries of one want list, presences of one frame, entries of one page. */
export const MAX_LIST = 1024

/** Deliveries in one frame. */
export const MAX_DELIVERIES = 2048

/** Parts of one digest. */
export const MAX_PARTS = 64

export const FINGERPRINT_BYTES = 16

/** Channels that one stream carries. */
export const MAX_SESSIONS_PER_STREAM = 256

/** Opens on one stream whose proof fits nothing, before it is closed. */
export const MAX_FAILED_OPENS = 8

/** Discovery keys of one channel that are tried. */
export const MAX_KEYS = 8

/** Hints that are kept for one message. */
export const MAX_HINTS = 4
