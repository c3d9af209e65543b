/** https://github.com/libp2p/specs/blob/master/rendezvous/README.md */
export const RENDEZVOUS_PROTOCOL = '/rendezvous/1.0.0'

/** Type of a message on the wire. */
export const MessageType = {
  REGISTER: 0,
  REGISTER_RESPONSE: 1,
  UNREGISTER: 2,
  DISCOVER: 3,
  DISCOVER_RESPONSE: 4
} as const

/** Status of an answer on the wire. */
export const ResponseStatus = {
  OK: 0,
  INVALID_NAMESPACE: 100,
  INVALID_SIGNED_PEER_RECORD: 101,
  INVALID_TTL: 102,
  INVALID_COOKIE: 103,
  NOT_AUTHORIZED: 200,
  INTERNAL_ERROR: 300,
  UNAVAILABLE: 400
} as const

/** Seconds; the spec's default, which is also its least. */
export const DEFAULT_TTL_S = 2 * 60 * 60

/** Seconds; the spec's most. */
export const MAX_TTL_S = 72 * 60 * 60

/** Bytes of UTF-8. */
export const MAX_NAMESPACE_BYTES = 255

/** nim-libp2p refuses longer requests. */
export const MAX_SENT_REQUEST_BYTES = 4_095

/** Canvas and older js peers send as much as they have addresses for. */
export const MAX_READ_REQUEST_BYTES = 8_192

/** nim-libp2p reads answers of up to 64 KiB. */
export const MAX_SENT_ANSWER_BYTES = 60 * 1024

/** rust-libp2p sends up to this much. */
export const MAX_READ_ANSWER_BYTES = 1024 * 1024

/** Records in one answer; the seeds' and the spec's figure. */
export const MAX_PAGE_RECORDS = 1_000

/** For one frame to arrive, or an answer to leave. */
export const STREAM_TIMEOUT_MS = 10_000
