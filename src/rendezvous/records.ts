import { PeerRecord, RecordEnvelope } from '@libp2p/peer-record'
import { multiaddr } from '@multiformats/multiaddr'
import { peerIdFromPublicKey } from '@libp2p/peer-id'
import { toError } from '../to-error.js'
import { InvalidRecordError } from './errors.js'
import { WakuPeerRecord } from './pb/waku-peer-record.js'
import type { AbortOptions, PeerId, PrivateKey } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** What a sealed record says. */
export interface RecordContent {
  peer: PeerId
  /** grows with every change of the addresses */
  sequence: bigint
  multiaddrs: Multiaddr[]
}

/** How a peer's addresses are written down and signed. */
export interface RecordCodec {
  /** domain of the signature */
  domain: string
  /** names the payload inside the envelope */
  payloadType: Uint8Array
  /** sequence numbers nearer to each other than this are written as the same one @default 1 */
  resolution?: number
  encode (content: RecordContent): Uint8Array
  /** @returns the peer as the multihash of its ID, checked by the caller against the signer */
  decode (payload: Uint8Array): { peer: Uint8Array, sequence: bigint, multiaddrs: Multiaddr[] }
}

/** The record of the libp2p specs (RFC 0003), in an envelope as every implementation but rust seals it. */
export const standardRecord: RecordCodec = {
  domain: PeerRecord.DOMAIN,
  payloadType: PeerRecord.CODEC,
  encode: (content) => new PeerRecord({ peerId: content.peer, multiaddrs: content.multiaddrs, seqNumber: content.sequence }).marshal(),
  decode: (payload) => {
    const record = PeerRecord.createFromProtobuf(payload)

    return { peer: record.peerId.toMultihash().bytes, sequence: record.seqNumber, multiaddrs: record.multiaddrs }
  }
}

/** The same record as rust-libp2p seals and reads it in rendezvous (rust-libp2p issue 6204). */
export const legacyRecord: RecordCodec = {
  ...standardRecord,
  domain: 'libp2p-routing-state',
  payloadType: new TextEncoder().encode('/libp2p/routing-state-record')
}

/** The record of the Waku variant, whose sequence numbers are in seconds. */
export const wakuRecord: RecordCodec = {
  domain: 'libp2p-custom-peer-record',
  payloadType: Uint8Array.of(0x30, 0x00, 0x00),
  resolution: 1_000,
  encode: (content) => WakuPeerRecord.encode({
    peerId: content.peer.toMultihash().bytes,
    seqNo: content.sequence / 1_000n,
    multiaddrs: content.multiaddrs.map(ma => ma.bytes),
    // required by its readers, also when there is none
    mixPublicKey: ''
  }),
  decode: (payload) => {
    const record = WakuPeerRecord.decode(payload)

    return {
      peer: record.peerId ?? new Uint8Array(),
      sequence: (record.seqNo ?? 0n) * 1_000n,
      multiaddrs: record.multiaddrs.map(bytes => multiaddr(bytes))
    }
  }
}

export async function sealRecord (codec: RecordCodec, content: RecordContent, privateKey: PrivateKey, options?: AbortOptions): Promise<Uint8Array> {
  const payload = codec.encode(content)
  const envelope = await RecordEnvelope.seal({
    domain: codec.domain,
    codec: codec.payloadType,
    marshal: () => payload,
    equals: () => false
  }, privateKey, options)

  return envelope.marshal()
}

/**
 * Opens a sealed record that came from the network: its signature holds, its signer is the
 * peer that it is about, and it has at least one address.
 *
 * @throws {InvalidRecordError} one of these is not so
 */
export async function openRecord (codec: RecordCodec, bytes: Uint8Array, options?: AbortOptions): Promise<RecordContent> {
  const { signer, record } = await certify(codec, bytes, options)

  if (!equalBytes(record.peer, signer.toMultihash().bytes)) {
    throw new InvalidRecordError('the record is about another peer than the one that signed it')
  }

  if (record.multiaddrs.length === 0) {
    throw new InvalidRecordError('the record has no addresses')
  }

  return { peer: signer, sequence: record.sequence, multiaddrs: record.multiaddrs }
}

async function certify (codec: RecordCodec, bytes: Uint8Array, options?: AbortOptions): Promise<{ signer: PeerId, record: ReturnType<RecordCodec['decode']> }> {
  try {
    const envelope = await RecordEnvelope.openAndCertify(bytes, codec.domain, options)

    return { signer: peerIdFromPublicKey(envelope.publicKey), record: codec.decode(envelope.payload) }
  } catch (err) {
    options?.signal?.throwIfAborted()

    throw new InvalidRecordError(`the envelope cannot be certified: ${toError(err).message}`, { cause: err })
  }
}

/** Whether an envelope calls itself one of `codec`: a cheap test before its signature is checked. */
export function isSealedBy (codec: RecordCodec, bytes: Uint8Array): boolean {
  try {
    return equalBytes(RecordEnvelope.createFromProtobuf(bytes).payloadType, codec.payloadType)
  } catch {
    return false
  }
}

export function equalBytes (a: Uint8Array, b: Uint8Array): boolean {
  if (a.byteLength !== b.byteLength) {
    return false
  }

  for (let i = 0; i < a.byteLength; i++) {
    if (a[i] !== b[i]) {
      return false
    }
  }

  return true
}
