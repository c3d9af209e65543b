import { CODE_P2P } from '@multiformats/multiaddr'
import { defaultMultiaddrSorter } from '@libp2p/utils'
import { NoAddressesError } from '../errors.js'
import { sealRecord } from '../records.js'
import type { Sequence } from './sequence.js'
import type { RecordCodecs, SealedRecord } from '../record-formats.js'
import type { PeerId, PrivateKey } from '@libp2p/interface'
import type { AddressManager } from '@libp2p/interface-internal'
import type { Multiaddr } from '@multiformats/multiaddr'

/** Bytes of one envelope, so that a REGISTER with the longest namespace stays under 4 096. */
const MAX_ENVELOPE_BYTES = 3_800

/** Bytes of all addresses together: go points refuse a record with more. */
const MAX_ADDRESS_BYTES = 2_048

export interface OwnRecordComponents {
  peerId: PeerId
  privateKey: PrivateKey
  addressManager: AddressManager
}

/** Our own addresses, sealed once for as long as they stay the same. */
export class OwnRecord {
  private readonly components: OwnRecordComponents
  private readonly codecs: RecordCodecs
  private readonly sequence: Sequence
  private sealedFor?: string
  private sealed?: Promise<SealedRecord>

  constructor (components: OwnRecordComponents, codecs: RecordCodecs, sequence: Sequence) {
    this.components = components
    this.codecs = codecs
    this.sequence = sequence
  }

  /** What a record sealed now would say. */
  get addresses (): string {
    return addressesOf(this.components).join()
  }

  /** @throws {NoAddressesError} */
  async get (): Promise<SealedRecord> {
    const multiaddrs = addressesOf(this.components)
    const key = multiaddrs.join()

    if (multiaddrs.length === 0) {
      throw new NoAddressesError('this node has no address to register: it listens nowhere, and no relay was found yet')
    }

    if (this.sealed == null || this.sealedFor !== key) {
      this.sealedFor = key
      this.sealed = this.seal(multiaddrs)
      this.sealed.catch(() => { this.sealedFor = undefined })
    }

    return await this.sealed
  }

  /** Without a signal: those who come meanwhile wait for it too. */
  private async seal (multiaddrs: Multiaddr[]): Promise<SealedRecord> {
    const sequence = BigInt(await this.sequence.next())
    const sealed: SealedRecord = {}

    for (const format of ['standard', 'legacy'] as const) {
      if (this.codecs[format] != null) {
        sealed[format] = await this.sealWithin(format, multiaddrs, sequence)
      }
    }

    return sealed
  }

  /** Leaves out the least useful addresses until the envelope is small enough. */
  private async sealWithin (format: keyof RecordCodecs, multiaddrs: Multiaddr[], sequence: bigint): Promise<Uint8Array | undefined> {
    const { peerId: peer, privateKey } = this.components
    const codec = this.codecs[format]
    let kept = withinBytes(multiaddrs)

    while (codec != null && kept.length > 0) {
      const bytes = await sealRecord(codec, { peer, sequence, multiaddrs: kept }, privateKey)
      let excess = bytes.byteLength - MAX_ENVELOPE_BYTES

      if (excess <= 0) {
        return bytes
      }

      while (excess > 0 && kept.length > 0) {
        excess -= kept[kept.length - 1].bytes.byteLength
        kept = kept.slice(0, -1)
      }
    }

    throw new NoAddressesError('no address of this node is short enough to register')
  }
}

/** The first ones that there is room for, without any that is too long by itself. */
function withinBytes (multiaddrs: Multiaddr[]): Multiaddr[] {
  const possible = multiaddrs.filter(({ bytes }) => bytes.byteLength <= MAX_ADDRESS_BYTES)
  let room = MAX_ADDRESS_BYTES
  const end = possible.findIndex(({ bytes }) => (room -= bytes.byteLength) < 0)

  return end === -1 ? possible : possible.slice(0, end)
}

/** The most useful first: public, direct, over reliable transports. The record names the peer; addresses need not. */
function addressesOf ({ addressManager }: OwnRecordComponents): Multiaddr[] {
  return defaultMultiaddrSorter(addressManager.getAddresses()
    .map(ma => ma.getComponents().at(-1)?.code === CODE_P2P ? ma.decapsulateCode(CODE_P2P) : ma)
    .filter(ma => ma.getComponents().length > 0))
}
