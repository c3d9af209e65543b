import { PeerRecord, RecordEnvelope } from '@libp2p/peer-record'
import { peerIdFromPublicKey } from '@libp2p/peer-id'
import { InvalidRecordError } from './errors.js'
import type { Bytes } from '../clock.js'
import type { PeerId, PrivateKey } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** A signed record with more bytes is neither kept nor passed on. */
export const MAX_RECORD_BYTES = 2048

const MAX_ADDRESSES = 32

/** A peer's addresses as it signed them itself. */
export interface SignedRecord {
  peer: PeerId
  seq: bigint
  addresses: Multiaddr[]
  envelope: Bytes
}

/** Why a record was refused. `forged`: the signature is wrong; `foreign`: signed by another peer than it names. */
export type RecordFault = 'malformed' | 'forged' | 'foreign'

export type OpenedRecord = { record: SignedRecord, verify: () => Promise<boolean> } | { fault: RecordFault }

/** Reads a record without checking its signature, which is the dear part: call `verify()` for that. */
export function openRecord (bytes: Uint8Array): OpenedRecord {
  if (bytes.byteLength === 0 || bytes.byteLength > MAX_RECORD_BYTES) {
    return { fault: 'malformed' }
  }

  // what is kept must not pin the frame that it came in
  const envelope = new Uint8Array(bytes)

  try {
    const opened = RecordEnvelope.createFromProtobuf(envelope)
    const { peerId, seqNumber, multiaddrs } = PeerRecord.createFromProtobuf(opened.payload)

    if (!peerId.equals(peerIdFromPublicKey(opened.publicKey))) {
      return { fault: 'foreign' }
    }

    if (multiaddrs.length > MAX_ADDRESSES) {
      return { fault: 'malformed' }
    }

    return {
      record: { peer: peerId, seq: seqNumber, addresses: multiaddrs, envelope },
      verify: async () => await opened.validate(PeerRecord.DOMAIN)
    }
  } catch {
    return { fault: 'malformed' }
  }
}

/** @throws {InvalidRecordError} */
export async function verifyRecord (bytes: Uint8Array): Promise<SignedRecord> {
  const opened = openRecord(bytes)

  if ('fault' in opened) {
    throw new InvalidRecordError(`the peer record is ${opened.fault}`)
  }

  if (!await opened.verify()) {
    throw new InvalidRecordError('the peer record is forged')
  }

  return opened.record
}

/** Signs our own record. `seq` must grow with every change; by convention it is Unix ms. */
export async function sealRecord (peer: PeerId, privateKey: PrivateKey, addresses: Multiaddr[], seq: bigint): Promise<SignedRecord> {
  const kept = addresses.slice(0, MAX_ADDRESSES)
  const record = new PeerRecord({ peerId: peer, multiaddrs: kept, seqNumber: seq })
  const sealed = await RecordEnvelope.seal(record, privateKey)

  return { peer, seq, addresses: kept, envelope: new Uint8Array(sealed.marshal()) }
}
