import { describe, expect, it } from 'vitest'
import { checkGossipsub, createProfile, encodeEnvelope, GossipsubConfigError, gossipsubOptions, MARKER } from '../../src/messaging/index.js'
import { FakePubsub } from './fixtures.js'

const data = encodeEnvelope({ contentTopic: 'room', payload: MARKER, meta: MARKER, ephemeral: false }, 1n)

describe('gossipsubOptions', () => {
  it('fixes policy and message ID, and passes the rest through', () => {
    const options = gossipsubOptions({ D: 4, globalSignaturePolicy: 'StrictSign', msgIdFn: () => MARKER, maxInboundDataLength: 7 })

    expect(options).to.deep.include({ D: 4, globalSignaturePolicy: 'StrictNoSign', maxInboundDataLength: 7, allowPublishToZeroTopicPeers: true })
    expect(options.msgIdFn?.({ type: 'unsigned', topic: 'a', data })).to.deep.equal(createProfile({}).messageId('a', data))
    expect(options).to.not.have.property('profile')
  })

  it('has a message ID function that never throws', async () => {
    for (const profile of ['default', 'waku'] as const) {
      const { msgIdFn } = gossipsubOptions({ profile })

      for (const noise of [new Uint8Array(0), MARKER, new Uint8Array(100).fill(255)]) {
        expect(await msgIdFn?.({ type: 'unsigned', topic: '', data: noise })).to.have.lengthOf(32)
      }
    }
  })
})

describe('checkGossipsub', () => {
  it('takes an instance of the right profile', async () => {
    const pubsub = new FakePubsub()

    expect(await checkGossipsub(pubsub, createProfile({}))).to.equal(true)
    pubsub.msgIdFn = gossipsubOptions({ profile: 'waku' }).msgIdFn
    expect(await checkGossipsub(pubsub, createProfile({ profile: 'waku' }))).to.equal(true)
  })

  it('refuses one that signs', async () => {
    const pubsub = new FakePubsub()
    pubsub.globalSignaturePolicy = 'StrictSign'

    await expect(checkGossipsub(pubsub, createProfile({}))).rejects.toThrow(GossipsubConfigError)
  })

  it.each<[string, FakePubsub['msgIdFn']]>([
    ['of the other profile', gossipsubOptions({ profile: 'waku' }).msgIdFn],
    ['of its own', () => new Uint8Array(32)],
    ['that throws', () => { throw new Error('signed messages only') }]
  ])('refuses one with a message ID function %s, and says what to do', async (_, msgIdFn) => {
    const pubsub = new FakePubsub()
    pubsub.msgIdFn = msgIdFn

    await expect(checkGossipsub(pubsub, createProfile({}))).rejects.toThrow(/gossipsub\(gossipsubOptions\(\)\)/)
  })

  it('says when it cannot tell', async () => {
    expect(await checkGossipsub({ globalSignaturePolicy: 'StrictNoSign' }, createProfile({}))).to.equal(false)
  })
})
