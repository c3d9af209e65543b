import { varintLength, writeVarint } from '../varint.js'
import { MalformedMessageError } from './errors.js'
import { utf8Length, writeUtf8 } from './utf8.js'
import { WireReader } from './wire-reader.js'
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

const NONE: readonly never[] = []

/** What goes into a message of ours; `content` comes in parts that are concatenated. */
export interface MessageFields extends Omit<SdsMessage, 'content'> {
  content?: readonly Uint8Array[]
}

/**
 * Serialises a message into one buffer of its exact size, byte for byte as protons would, but
 * without joining the parts of the content first.
 */
export function encodeMessage (message: MessageFields): Bytes {
  const { senderId, messageId, channelId, lamportTimestamp, causalHistory, bloomFilter, repairRequest, content = NONE, idSalt } = message
  let contentLength = 0

  for (const part of content) {
    contentLength += part.byteLength
  }

  const out = new Uint8Array(
    textSize(senderId) + textSize(messageId) + textSize(channelId) +
    (lamportTimestamp == null ? 0 : 1 + varintLength(lamportTimestamp)) +
    entriesSize(causalHistory) +
    (bloomFilter == null ? 0 : fieldSize(bloomFilter.byteLength)) +
    entriesSize(repairRequest) +
    (message.content == null ? 0 : 1 + fieldSize(contentLength)) +
    (idSalt == null ? 0 : 2 + saltSize(idSalt))
  )

  let at = writeText(out, 0, 0x0a, senderId)
  at = writeText(out, at, 0x12, messageId)
  at = writeText(out, at, 0x1a, channelId)

  if (lamportTimestamp != null) {
    out[at++] = 0x50
    at = writeVarint(out, at, lamportTimestamp)
  }

  at = writeEntries(out, at, 0x5a, causalHistory)

  if (bloomFilter != null) {
    at = writeBytes(out, at, 0x62, bloomFilter)
  }

  at = writeEntries(out, at, 0x6a, repairRequest)

  if (message.content != null) {
    out[at++] = 0xa2
    out[at++] = 0x01
    at = writeVarint(out, at, contentLength)

    for (const part of content) {
      out.set(part, at)
      at += part.byteLength
    }
  }

  if (idSalt != null) {
    out[at++] = 0xa0
    out[at++] = 0x06
    writeSalt(out, at, idSalt)
  }

  return out
}

function entriesSize (entries: readonly HistoryEntry[]): number {
  let size = 0

  for (const entry of entries) {
    size += fieldSize(entrySize(entry))
  }

  return size
}

function writeEntries (out: Bytes, at: number, tag: number, entries: readonly HistoryEntry[]): number {
  for (const entry of entries) {
    at = writeEntry(out, at, tag, entry)
  }

  return at
}

function entrySize ({ messageId, retrievalHint, senderId, lamportTimestamp }: HistoryEntry): number {
  return textSize(messageId) +
    (retrievalHint == null ? 0 : fieldSize(retrievalHint.byteLength)) +
    (senderId == null ? 0 : fieldSize(utf8Length(senderId))) +
    (lamportTimestamp == null ? 0 : 2 + varintLength(lamportTimestamp))
}

function writeEntry (out: Bytes, at: number, tag: number, entry: HistoryEntry): number {
  out[at++] = tag
  at = writeVarint(out, at, entrySize(entry))
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

const reader = new WireReader()

/** A field of {@link SdsMessage}: its number times 8, plus its wire type. */
const SENDER_ID = 10
const MESSAGE_ID = 18
const CHANNEL_ID = 26
const LAMPORT_TIMESTAMP = 80
const CAUSAL_HISTORY = 90
const BLOOM_FILTER = 98
const REPAIR_REQUEST = 106
const CONTENT = 162
const ID_SALT = 800

/** Fields of {@link HistoryEntry}. */
const ENTRY_MESSAGE_ID = 10
const ENTRY_HINT = 18
const ENTRY_SENDER_ID = 26
const ENTRY_LAMPORT_TIMESTAMP = 800

/**
 * Reads a message from the network. `content`, the filter and the hints are views into `bytes`.
 *
 * @throws {MalformedMessageError} not protobuf, or over a limit
 */
export function decodeMessage (bytes: Uint8Array): SdsMessage {
  reader.open(bytes)

  try {
    return readMessage()
  } finally {
    reader.close()
  }
}

function readMessage (): SdsMessage {
  const message: SdsMessage = {
    senderId: '',
    messageId: '',
    channelId: '',
    lamportTimestamp: undefined,
    causalHistory: [],
    bloomFilter: undefined,
    repairRequest: [],
    content: undefined,
    idSalt: undefined
  }

  while (!reader.isDone) {
    const tag = reader.tag()

    switch (tag) {
      case SENDER_ID:
        message.senderId = reader.text()
        break
      case MESSAGE_ID:
        message.messageId = reader.text()
        break
      case CHANNEL_ID:
        message.channelId = reader.text()
        break
      case LAMPORT_TIMESTAMP:
        message.lamportTimestamp = readTimestamp()
        break
      case CAUSAL_HISTORY:
        checkCount('causal history', message.causalHistory.length, MAX_HISTORY)
        message.causalHistory.push(readEntry())
        break
      case BLOOM_FILTER:
        message.bloomFilter = reader.field()
        break
      case REPAIR_REQUEST:
        checkCount('repair request', message.repairRequest.length, MAX_REPAIR_REQUESTS)
        message.repairRequest.push(readEntry())
        break
      case CONTENT:
        message.content = reader.field()
        break
      case ID_SALT:
        message.idSalt = reader.bigVarint()
        break
      default:
        reader.skip(tag)
    }
  }

  checkText('sender ID', message.senderId)
  checkText('message ID', message.messageId)

  return message
}

function readEntry (): HistoryEntry {
  const entry: HistoryEntry = { messageId: '', retrievalHint: undefined, senderId: undefined, lamportTimestamp: undefined }
  const outer = reader.enter()

  while (!reader.isDone) {
    const tag = reader.tag()

    switch (tag) {
      case ENTRY_MESSAGE_ID:
        entry.messageId = reader.text()
        break
      case ENTRY_HINT: {
        const hint = reader.field()
        // an oversized or empty hint is no use to anyone, and no reason to drop the message
        entry.retrievalHint = hint.byteLength === 0 || hint.byteLength > MAX_HINT_BYTES ? undefined : hint
        break
      }
      case ENTRY_SENDER_ID: {
        const senderId = reader.text()
        entry.senderId = senderId === '' || senderId.length > MAX_ID_LENGTH ? undefined : senderId
        break
      }
      case ENTRY_LAMPORT_TIMESTAMP:
        entry.lamportTimestamp = readTimestamp()
        break
      default:
        reader.skip(tag)
    }
  }

  reader.leave(outer)
  checkText('message ID', entry.messageId)

  return entry
}

/** What is past 2^53 becomes Infinity: over every limit, and never computed with. */
function readTimestamp (): number {
  const value = reader.varint()

  return value > Number.MAX_SAFE_INTEGER ? Infinity : value
}

function checkCount (what: string, count: number, max: number): void {
  if (count === max) {
    throw new MalformedMessageError(`a ${what} of more than ${max} entries`)
  }
}

function checkText (what: string, text: string): void {
  if (text.length === 0 || text.length > MAX_ID_LENGTH || text.includes('\0')) {
    throw new MalformedMessageError(`a ${what} has from 1 to ${MAX_ID_LENGTH} characters and no zero among them`)
  }
}

/** An empty text is not written, as in proto3. */
function textSize (text: string): number {
  return text === '' ? 0 : fieldSize(utf8Length(text))
}

function fieldSize (length: number): number {
  return 1 + varintLength(length) + length
}

/** The halves of 32 bits of the salt that is being written. */
const scratch = new DataView(new ArrayBuffer(8))

function saltSize (value: bigint): number {
  scratch.setBigUint64(0, value)
  const high = scratch.getUint32(0)

  // four bytes of seven bits, and what the 36 bits above them take
  return high === 0 ? varintLength(scratch.getUint32(4)) : varintLength(high * 16) + 4
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

function writeSalt (out: Bytes, at: number, value: bigint): void {
  scratch.setBigUint64(0, value)
  const high = scratch.getUint32(0)
  const low = scratch.getUint32(4)

  if (high === 0) {
    writeVarint(out, at, low)

    return
  }

  out[at] = low | 128
  out[at + 1] = (low >>> 7) | 128
  out[at + 2] = (low >>> 14) | 128
  out[at + 3] = (low >>> 21) | 128
  writeVarint(out, at + 4, high * 16 + (low >>> 28))
}
