import { describe, expect, test } from 'vitest'
import { encodeMessage } from '../../src/sds/codec.js'
import { decodeMessage } from '../../src/sds/index.js'
import { connect, device, utf8 } from './harness.js'
import { SimulatedClock } from '../../src/testing/simulated-clock.js'
import type { Device } from './harness.js'
import type { ReceivedMessage } from '../../src/channel/index.js'

const CONFIG = { segmentation: { segmentSizeBytes: 1_024, parityRate: 0.125 } }
/** 23 data segments and 3 of parity */
const PAYLOAD = Uint8Array.from({ length: 20_000 }, (_, i) => i * 31 >> 3)
const SEGMENTS = 26

/** How many messages with content a device has sent, resends among them. */
function contents (of: Device): number {
  return of.messaging.sent.filter(({ envelope }) => decodeMessage(envelope.payload).content != null).length
}

function repairRequests (of: Device): string[] {
  return of.messaging.sent.flatMap(({ envelope }) => decodeMessage(envelope.payload).repairRequest.map(({ messageId }) => messageId))
}

/** Two who talk, where bob does not get the first transmission of alice's messages with these numbers. */
async function lossy (lost: readonly number[]): Promise<[Device, Device]> {
  const clock = new SimulatedClock()
  const [alice, bob] = [await device({ name: 'alice', clock }), await device({ name: 'bob', clock })]
  let count = 0

  connect([alice, bob], (from, _, envelope) => {
    return from === alice && decodeMessage(envelope.payload).content != null && lost.includes(count++)
  })

  return [alice, bob]
}

describe('loss up to the parity count', () => {
  test.each([
    ['the first data', [0, 1, 2]],
    ['the last data, the short one among them', [20, 21, 22]],
    ['all parity', [23, 24, 25]],
    ['data and parity', [0, 22, 25]],
    ['data here and there', [5, 13, 17]]
  ])('%s: nothing is sent again, nor asked for', async (_, lost) => {
    const [alice, bob] = await lossy(lost)
    const [from, to] = [await alice.open('tea', CONFIG), await bob.open('tea', CONFIG)]
    const got: ReceivedMessage[] = []

    bob.channels.events.on('reliable:message:received', message => { got.push(message) })

    const requestId = await from.send(PAYLOAD)

    await alice.clock.settle()
    expect(got.map(({ size }) => size)).toEqual([20_000])
    expect(Buffer.compare(got[0].payload, PAYLOAD)).toBe(0)

    // what cites the lost segments comes out at once as well
    await from.send(utf8('and?'))
    await alice.clock.settle()
    expect(got.map(({ size }) => size)).toEqual([20_000, 4])

    await alice.clock.advance(10 * 60_000)
    expect(from.request(requestId)).toMatchObject({ state: 'delivered', receipts: ['bob'] })
    expect(contents(alice)).toBe(SEGMENTS + 1)
    expect(repairRequests(bob)).toEqual([])
    expect(to.status()).toMatchObject({ missing: 0, parked: 0, lost: 0 })
    expect(bob.of('reliable:message:lost')).toEqual([])
  })

  test('one more than that is asked for, and comes again', async () => {
    const [alice, bob] = await lossy([0, 1, 2, 3])
    const [from] = [await alice.open('tea', CONFIG), await bob.open('tea', CONFIG)]
    const requestId = await from.send(PAYLOAD)

    await alice.clock.settle()
    expect(bob.of('reliable:message:received')).toEqual([])

    await alice.clock.until(from.settled(requestId, 'delivered'))
    expect(bob.of('reliable:message:received').map(({ size }) => size)).toEqual([20_000])
    expect(contents(alice)).toBeGreaterThan(SEGMENTS)
  })

  /** Where alice's first transmission of these of her segments is lost, and so many of carol's messages become ready before the resend. */
  async function order (lost: readonly number[], size: number, others: number): Promise<number[]> {
    const clock = new SimulatedClock()
    const [alice, bob] = [await device({ name: 'alice', clock }), await device({ name: 'bob', clock })]
    const got: number[] = []
    const ofCarol = (messageId: string, cites: string[], lamportTimestamp: number): Uint8Array => encodeMessage({
      senderId: 'carol',
      messageId,
      channelId: 'tea',
      lamportTimestamp,
      causalHistory: cites.map(cited => ({ messageId: cited, lamportTimestamp: lamportTimestamp - 1 })),
      repairRequest: [],
      content: [Uint8Array.of(1)]
    })
    let count = 0

    connect([alice, bob], (from, _, envelope) => {
      const { content } = decodeMessage(envelope.payload)

      if (from !== alice || content == null || content.byteLength < 120) {
        return false
      }

      for (let i = 0; i < others && count === 0; i++) {
        bob.messaging.receive({ ...envelope, payload: ofCarol(`waiting ${i}`, ['cause'], clock.now() + 1_000) })
      }

      if (count === SEGMENTS && others > 0) {
        bob.messaging.receive({ ...envelope, payload: ofCarol('cause', [], clock.now() - 100) })
      }

      return lost.includes(count++)
    })

    const from = await alice.open('tea', CONFIG)

    await bob.open('tea', CONFIG)
    bob.channels.events.on('reliable:message:received', message => {
      if (message.senderId === 'alice') {
        got.push(message.size)
      }
    })

    await Promise.all([from.send(new Uint8Array(size).fill(7)), from.send(utf8('and?'))])
    await clock.settle()
    await clock.advance(10 * 60_000)

    return got
  }

  test('what is said after a payload of hundreds of segments comes after it, although no call releases as many', async () => {
    // 224 of data and 28 of parity: one more is lost than parity makes up for, the last of data among them
    expect(await order([0, ...Array.from({ length: 26 }, (_, i) => 20 + i), 222, 223], 200_000, 0)).toEqual([200_000, 4])
  })

  test.each([1_005, 1_010, 1_015])('what is said after a payload comes after it while %i others become ready', async others => {
    expect(await order([0, 5, 21, 22], 20_000, others)).toEqual([20_000, 4])
  })
})
