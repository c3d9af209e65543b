import { MalformedMessageError } from './errors.js'
import { SdsMessagePb } from './pb/sds.js'
import { utf8Length, writeUtf8 } from './utf8.js'
import type { HistoryEntryPb } from './pb/sds.js'
import type { HistoryEntry, SdsMessage } from './types.js'
import type { Bytes } from '../clock.js'

/** Entries of causal history that are read from one message; @waku/sds sends 200. */
export const MAX_HISTORY = 1_024
/** Entries of repair requests that are read from one message; the LIP's limit is 3. */
export const MAX_REPAIR_REQUESTS = 64
/** Characters of a message ID or sender ID. */
export const MAX_ID_LENGTH = 256
/** Bytes of a retrieval hint. */
export const MAX_HINT_BYTES = 64

/** What goes into a message of ours; `content` comes in parts that are concatenated. */
export interface MessageFields extends Omit<SdsMessage, 'content'> {
  content?: readonly Uint8Array[]
}

/**
 * Serialises a message into one buffer of its exact size, byte for byte as protons would, but
 * without joining the parts of the content first.
 */
export function encodeMessage (message: MessageFields): Bytes {
  const contentLength = message.content?.reduce((sum, part) => sum + part.byteLength, 0) ?? 0
  const history = message.causalHistory.map(entrySize)
  const requests = message.repairRequest.map(entrySize)

  let size = textSize(message.senderId) + textSize(message.messageId) + textSize(message.channelId)
  size += message.lamportTimestamp == null ? 0 : 1 + varintSize(message.lamportTimestamp)
  history.forEach(length => { size += fieldSize(length) })
  size += message.bloomFilter == null ? 0 : fieldSize(message.bloomFilter.byteLength)
  requests.forEach(length => { size += fieldSize(length) })
  size += message.content == null ? 0 : 1 + fieldSize(contentLength)
  size += message.idSalt == null ? 0 : 2 + saltSize(message.idSalt)

  const out = new Uint8Array(size)
  let at = writeText(out, 0, 0x0a, message.senderId)
  at = writeText(out, at, 0x12, message.messageId)
  at = writeText(out, at, 0x1a, message.channelId)

  if (message.lamportTimestamp != null) {
    out[at++] = 0x50
    at = writeVarint(out, at, message.lamportTimestamp)
  }

  message.causalHistory.forEach((entry, i) => { at = writeEntry(out, at, 0x5a, entry, history[i]) })

  if (message.bloomFilter != null) {
    at = writeBytes(out, at, 0x62, message.bloomFilter)
  }

  message.repairRequest.forEach((entry, i) => { at = writeEntry(out, at, 0x6a, entry, requests[i]) })

  if (message.content != null) {
    out[at++] = 0xa2
    out[at++] = 0x01
    at = writeVarint(out, at, contentLength)

    for (const part of message.content) {
      out.set(part, at)
      at += part.byteLength
    }
  }

  if (message.idSalt != null) {
    out[at++] = 0xa0
    out[at++] = 0x06
    writeSalt(out, at, message.idSalt)
  }

  return out
}

function entrySize ({ messageId, retrievalHint, senderId, lamportTimestamp }: HistoryEntry): number {
  return textSize(messageId) +
    (retrievalHint == null ? 0 : fieldSize(retrievalHint.byteLength)) +
    (senderId == null ? 0 : fieldSize(utf8Length(senderId))) +
    (lamportTimestamp == null ? 0 : 2 + varintSize(lamportTimestamp))
}

function writeEntry (out: Bytes, at: number, tag: number, entry: HistoryEntry, size: number): number {
  out[at++] = tag
  at = writeVarint(out, at, size)
  at = writeText(out, at, 0x0a, entry.messageId)

  if (entry.retrievalHint != null) {
    at = writeBytes(out, at, 0x12, entry.retrievalHint)
  }

  if (entry.senderId != null) {
    at = writeString(out, at, 0x1a, entry.senderId)
  }

  if (entry.lamportTimestamp != null) {
    out[at++] = 0xa0
    out[at++] = 0x06
    at = writeVarint(out, at, entry.lamportTimestamp)
  }

  return at
}

/**
 * Reads a message from the network. `content` is a view into `bytes`.
 *
 * @throws {MalformedMessageError} not protobuf, over a limit, or a timestamp that no number can hold
 */
export function decodeMessage (bytes: Uint8Array): SdsMessage {
  let message: SdsMessagePb

  try {
    message = SdsMessagePb.decode(bytes, { limits: { causalHistory: MAX_HISTORY, repairRequest: MAX_REPAIR_REQUESTS } })
  } catch (err) {
    throw new MalformedMessageError('not an SDS message', { cause: err })
  }

  checkText('sender ID', message.senderId)
  checkText('message ID', message.messageId)

  return {
    senderId: message.senderId,
    messageId: message.messageId,
    channelId: message.channelId,
    lamportTimestamp: message.lamportTimestamp == null ? undefined : toNumber(message.lamportTimestamp),
    causalHistory: message.causalHistory.map(toEntry),
    bloomFilter: message.bloomFilter,
    repairRequest: message.repairRequest.map(toEntry),
    content: message.content,
    idSalt: message.idSalt
  }
}

function toEntry (entry: HistoryEntryPb): HistoryEntry {
  checkText('message ID', entry.messageId)

  if (entry.senderId != null && entry.senderId.length > MAX_ID_LENGTH) {
    throw new MalformedMessageError(`a sender ID of ${entry.senderId.length} characters, at most ${MAX_ID_LENGTH} are allowed`)
  }

  const hint = entry.retrievalHint

  return {
    messageId: entry.messageId,
    // an oversized or empty hint is no use to anyone, and no reason to drop the message
    retrievalHint: hint == null || hint.byteLength === 0 || hint.byteLength > MAX_HINT_BYTES ? undefined : hint,
    senderId: entry.senderId === '' ? undefined : entry.senderId,
    lamportTimestamp: entry.lamportTimestamp == null ? undefined : toNumber(entry.lamportTimestamp)
  }
}

function checkText (what: string, text: string): void {
  if (text.length === 0 || text.length > MAX_ID_LENGTH || text.includes('\0')) {
    throw new MalformedMessageError(`a ${what} has from 1 to ${MAX_ID_LENGTH} characters and no zero among them`)
  }
}

/** What is past 2^53 becomes Infinity: over every limit, and never computed with. */
function toNumber (value: bigint): number {
  return value > BigInt(Number.MAX_SAFE_INTEGER) ? Infinity : Number(value)
}

/** An empty text is not written, as in proto3. */
function textSize (text: string): number {
  return text === '' ? 0 : fieldSize(utf8Length(text))
}

function fieldSize (length: number): number {
  return 1 + varintSize(length) + length
}

function varintSize (value: number): number {
  let size = 1

  for (; value >= 128; size++) {
    value = Math.floor(value / 128)
  }

  return size
}

function saltSize (value: bigint): number {
  return Math.max(1, Math.ceil(value.toString(2).length / 7))
}

function writeText (out: Bytes, at: number, tag: number, text: string): number {
  return text === '' ? at : writeString(out, at, tag, text)
}

function writeString (out: Bytes, at: number, tag: number, text: string): number {
  const length = utf8Length(text)
  out[at++] = tag
  at = writeVarint(out, at, length)
  writeUtf8(text, out, at, length)

  return at + length
}

function writeBytes (out: Bytes, at: number, tag: number, bytes: Uint8Array): number {
  out[at++] = tag
  at = writeVarint(out, at, bytes.byteLength)
  out.set(bytes, at)

  return at + bytes.byteLength
}

function writeVarint (out: Bytes, at: number, value: number): number {
  for (; value >= 128; value = Math.floor(value / 128)) {
    out[at++] = (value % 128) | 128
  }

  out[at++] = value

  return at
}

function writeSalt (out: Bytes, at: number, value: bigint): number {
  for (; value >= 128n; value >>= 7n) {
    out[at++] = Number(value & 127n) | 128
  }

  out[at++] = Number(value)

  return at
}
