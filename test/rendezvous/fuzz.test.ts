import fc from 'fast-check'
import { beforeAll, expect, it } from 'vitest'
import { Message } from '../../src/rendezvous/pb/rendezvous.js'
import { PointHarness, createPeer, frame } from './fixtures.js'
import type { TestPeer } from './fixtures.js'
import type { Stream } from '@libp2p/interface'

let peer: TestPeer
let record: Uint8Array<ArrayBuffer>

beforeAll(async () => {
  peer = await createPeer(1)
  record = await peer.seal()
})

const bytes = fc.uint8Array({ maxLength: 300 }).map(bytes => bytes.slice())
const u64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })
const optional = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(arbitrary, { nil: undefined })

/** Requests that are nearly right. */
const message = fc.record({
  type: optional(fc.oneof(fc.nat(5), fc.nat())),
  register: optional(fc.record({ ns: optional(bytes), signedPeerRecord: optional(fc.oneof(bytes, fc.constant(0).map(() => record))), ttl: optional(fc.oneof(u64, fc.constant(7_200n))), legacySignedPeerRecord: optional(bytes) })),
  registerResponse: optional(fc.record({ status: optional(fc.nat()), ttl: optional(u64) })),
  unregister: optional(fc.record({ ns: optional(bytes) })),
  discover: optional(fc.record({ ns: optional(bytes), limit: optional(u64), cookie: optional(bytes), readsBoth: optional(fc.boolean()) })),
  discoverResponse: optional(fc.record({ registrations: fc.constant([]), status: optional(fc.nat()) }))
}).map(message => frame(Message.encode(message as Message)))

/** Right frames with bytes changed, cut or added, frames of noise, and noise. */
const input = fc.oneof(
  message,
  fc.tuple(message, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 })).map(([frame, changes]) => {
    changes.forEach(([at, value]) => { frame[at % frame.byteLength] = value })

    return frame
  }),
  fc.tuple(message, fc.nat(300)).map(([frame, length]) => frame.subarray(0, length)),
  bytes.map(frame),
  bytes
)

it('no input throws past the handler, every stream is closed, and nothing grows beyond its bound', async () => {
  const unhandled: unknown[] = []
  const onUnhandled = (err: unknown): void => { unhandled.push(err) }
  process.on('unhandledRejection', onUnhandled)
  process.on('uncaughtException', onUnhandled)

  const harness = await PointHarness.start({ maxRegistrationsPerPeer: 20 })

  try {
    await fc.assert(fc.asyncProperty(fc.array(input, { minLength: 1, maxLength: 6 }), fc.boolean(), async (inputs, halfClose) => {
      const stream = await harness.open(peer.id)
      inputs.forEach(input => { trySend(stream, input) })

      if (halfClose) {
        await stream.close().catch(() => {})
      } else {
        await new Promise(resolve => setImmediate(resolve))
        stream.abort(new Error('gone'))
      }

      await ended(harness)
      expect(harness.point.registrations).toBeLessThanOrEqual(20)
    }), { numRuns: 300 })

    // it still works
    expect((await harness.register(await createPeer(2), 'foo')).status).toBe(0)
    expect(Reflect.get(harness.point, 'streams')).toHaveProperty('size', 0)
    expect(unhandled).toEqual([])
  } finally {
    process.off('unhandledRejection', onUnhandled)
    process.off('uncaughtException', onUnhandled)
  }
})

function trySend (stream: Stream, input: Uint8Array): void {
  try {
    stream.send(input)
  } catch {
    // reset meanwhile
  }
}

/** Resolves when the point holds no stream any more. */
async function ended (harness: PointHarness): Promise<void> {
  const open = Reflect.get(harness.point, 'open') as Set<Stream>
  const deadline = Date.now() + 5_000

  while (open.size > 0) {
    if (Date.now() > deadline) {
      throw new Error('a stream stays open')
    }

    await new Promise(resolve => setTimeout(resolve, 1))
  }
}
