import { multiaddr } from '@multiformats/multiaddr'
import { describe, expect, it } from 'vitest'
import { legacyRecord, standardRecord, wakuRecord } from '../../src/rendezvous/index.js'
import { WakuPeerRecord } from '../../src/rendezvous/pb/waku-peer-record.js'
import { RecordEnvelope } from '@libp2p/peer-record'
import { openRecord, sealRecord } from '../../src/rendezvous/records.js'
import { createPeer } from './fixtures.js'

const multiaddrs = [multiaddr('/ip4/127.0.0.1/tcp/4001'), multiaddr('/dns4/example.org/tcp/443/wss')]

describe.each([['standard', standardRecord], ['legacy', legacyRecord], ['Waku', wakuRecord]])('the %s record', (_name, codec) => {
  it('round-trips', async () => {
    const { id, privateKey } = await createPeer(1)
    const content = await openRecord(codec, await sealRecord(codec, { peer: id, sequence: 1_735_689_600_000n, multiaddrs }, privateKey))

    expect(content.peer.equals(id)).toBe(true)
    expect(content.sequence).toBe(1_735_689_600_000n)
    expect(content.multiaddrs.map(String)).toEqual(multiaddrs.map(String))
  })

  it('is refused when another peer signed it, and never says another thing when a byte is changed', async () => {
    const [alice, eve] = await Promise.all([1, 2].map(createPeer))
    const forged = await sealRecord(codec, { peer: alice.id, sequence: 1n, multiaddrs }, eve.privateKey)
    await expect(openRecord(codec, forged)).rejects.toMatchObject({ name: 'InvalidRecordError' })

    const sealed = await sealRecord(codec, { peer: alice.id, sequence: 1n, multiaddrs }, alice.privateKey)
    let refused = 0

    for (let i = 0; i < sealed.byteLength; i++) {
      const changed = sealed.slice()
      changed[i] ^= 0x01

      // some bits of protobuf's framing mean nothing
      const outcome = await openRecord(codec, changed).then(({ peer }) => peer.toString(), err => err.name)
      expect([alice.id.toString(), 'InvalidRecordError']).toContain(outcome)
      refused += outcome === 'InvalidRecordError' ? 1 : 0
    }

    expect(refused).toBeGreaterThan(sealed.byteLength - 12)
  })
})

it('the Waku record counts in seconds and always has a mix key', async () => {
  const { id, privateKey } = await createPeer(1)
  const sealed = await sealRecord(wakuRecord, { peer: id, sequence: 1_735_689_600_999n, multiaddrs }, privateKey)
  const envelope = RecordEnvelope.createFromProtobuf(sealed)

  expect([...envelope.payloadType]).toEqual([0x30, 0, 0])
  expect(WakuPeerRecord.decode(envelope.payload)).toEqual({ peerId: id.toMultihash().bytes, seqNo: 1_735_689_600n, multiaddrs: multiaddrs.map(ma => ma.bytes), mixPublicKey: '' })
})
