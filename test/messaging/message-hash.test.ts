import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { decodeEnvelope, encodeEnvelope, messageHash } from '../../src/messaging/index.js'
import { defaultMessageId, wakuMessageId } from '../../src/messaging/message-hash.js'

const PUBSUB_TOPIC = '/waku/2/default-waku/proto'
const TIMESTAMP = 0x175789bfa23f8400n

function hex (text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, 'hex'))
}

describe('message hash', () => {
  // the test vectors of 14/WAKU2-MESSAGE
  it.each([
    ['meta of 12 bytes', '010203045445535405060708', '73757065722d736563726574', TIMESTAMP, '64cce733fed134e83da02b02c6f689814872b1a0ac97ea56b76095c3c72bfe05'],
    ['meta of 64 bytes', '010203045445535405060708', Array.from({ length: 64 }, (_, i) => i.toString(16).padStart(2, '0')).join(''), TIMESTAMP, '7158b6498753313368b9af8f6e0a0a05104f68f972981da42a43bc53fb0c1b27'],
    ['no meta', '010203045445535405060708', '', TIMESTAMP, 'a2554498b31f5bcdfcbf7fa58ad1c2d45f0254f3f8110a85588ec3cf10720fd8'],
    ['an empty payload', '', '73757065722d736563726574', TIMESTAMP, '483ea950cb63f9b9d6926b262bb36194d3f40a0463ce8446228350bd44e96de4'],
    ['no timestamp', '', '73757065722d736563726574', undefined, 'e1a9596237dbe2cc8aaf4b838c46a7052df6bc0d42ba214b998a8bfdbe8487d6']
  ])('of the waku profile: %s', (_, payload, meta, timestamp, expected) => {
    const envelope = { contentTopic: '/waku/2/default-content/proto', payload: hex(payload), meta: hex(meta), ephemeral: false, timestamp }

    expect(messageHash(envelope, PUBSUB_TOPIC)).to.equal(expected)
  })

  it('of the default profile is sha256 of the serialised envelope', () => {
    const data = encodeEnvelope({ contentTopic: 'room', payload: hex('0102'), meta: hex(''), ephemeral: false }, TIMESTAMP)

    expect(messageHash(decodeEnvelope(data))).to.equal(createHash('sha256').update(data).digest('hex'))
    expect(Buffer.from(defaultMessageId('room', data)).toString('hex')).to.equal(messageHash(decodeEnvelope(data)))
  })

  it('is the gossipsub message ID, whatever the bytes are', () => {
    const data = encodeEnvelope({ contentTopic: 'room', payload: hex('0102'), meta: hex(''), ephemeral: false }, TIMESTAMP)
    const noise = hex('ffffffff')

    expect(Buffer.from(wakuMessageId('a', data)).toString('hex')).to.equal(messageHash(decodeEnvelope(data), 'a'))
    // the same array on another topic
    expect(Buffer.from(wakuMessageId('b', data)).toString('hex')).to.equal(messageHash(decodeEnvelope(data), 'b'))
    expect(wakuMessageId('a', noise)).to.deep.equal(defaultMessageId('a', noise))
    expect(defaultMessageId('a', new Uint8Array(0))).to.have.lengthOf(32)
  })

  it('is another one for another timestamp of the same payload', () => {
    const envelope = { contentTopic: 'room', payload: hex('0102'), meta: hex(''), ephemeral: false }

    for (const topic of [undefined, 'topic']) {
      expect(messageHash({ ...envelope, timestamp: 1n }, topic)).to.not.equal(messageHash({ ...envelope, timestamp: 2n }, topic))
    }
  })
})
