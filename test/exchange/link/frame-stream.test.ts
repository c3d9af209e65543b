import { streamPair } from '@libp2p/utils'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MAX_FRAME_BYTES } from '../../../src/exchange/constants.js'
import { encodeDeliveries } from '../../../src/exchange/link/encode-deliveries.js'
import { FrameStream } from '../../../src/exchange/link/frame-stream.js'
import { Frame } from '../../../src/exchange/pb/exchange.js'
import type { Stream } from '@libp2p/interface'

interface Reader {
  frames: FrameStream
  read: Frame[]
  closed: Promise<Error | undefined>
}

function reader (stream: Stream, onFrame?: (frame: Frame) => void | Promise<void>): Reader {
  const read: Frame[] = []
  const { promise, resolve } = Promise.withResolvers<Error | undefined>()
  const frames = new FrameStream(stream, {
    onFrame: (frame) => {
      read.push(frame)

      return onFrame?.(frame)
    },
    onClose: resolve
  })

  return { frames, read, closed: promise }
}

/** A stream that only ever delivers what it is told to. */
class FakeStream extends EventTarget {
  maxReadBufferLength = 0
  writeBufferLength = 0
  readStatus = 'readable'
  remoteWriteStatus = 'writable'
  aborted?: Error
  pauses = 0
  resumes = 0

  pause (): void {
    this.readStatus = 'paused'
    this.pauses++
  }

  resume (): void {
    this.readStatus = 'readable'
    this.resumes++
  }

  send (): boolean { return true }
  async close (): Promise<void> {}
  abort (err: Error): void { this.aborted = err }

  deliver (data: Uint8Array): void {
    this.dispatchEvent(Object.assign(new Event('message'), { data }))
  }
}

function fakeStream (): { fake: FakeStream, stream: Stream } {
  const fake = new FakeStream()

  return { fake, stream: fake as unknown as Stream }
}

function prefixed (data: Uint8Array): Uint8Array {
  const prefix: number[] = []
  let length = data.byteLength

  for (; length > 0x7f; length >>>= 7) {
    prefix.push((length & 0x7f) | 0x80)
  }

  return Uint8Array.from([...prefix, length, ...data])
}

const frame = (session: number, payload = new Uint8Array()): Frame => ({ session, presences: [], deliveries: [{ id: 1, payload, byHash: false }] })

describe('frames over a stream', () => {
  it('arrive whole and in order', async () => {
    const [a, b] = await streamPair()
    const out = reader(a)
    const done = Promise.withResolvers<void>()
    const into = reader(b, ({ session }) => { session === 50 && done.resolve() })

    for (let i = 1; i <= 50; i++) {
      out.frames.send(frame(i, new Uint8Array(i * 1000)))
    }

    await done.promise
    expect(into.read.map(({ session }) => session)).toEqual(Array.from({ length: 50 }, (_, i) => i + 1))
    expect(into.read.every(({ session, deliveries }) => deliveries[0].payload.byteLength === session * 1000)).toBe(true)

    out.frames.close()
    into.frames.close()
    expect(await into.closed).toBeUndefined()
    expect(() => { into.frames.send(frame(1)) }).toThrow('has ended')
  })

  it('deliveries are encoded as their codec would, without copies', () => {
    const delivery = fc.record({ id: fc.nat(), payload: fc.uint8Array({ maxLength: 300 }), byHash: fc.boolean() })

    fc.assert(fc.property(fc.nat(), fc.array(delivery, { minLength: 1, maxLength: 5 }), (session, deliveries) => {
      const expected = Frame.encode({ session, presences: [], deliveries })
      expect(encodeDeliveries(session, deliveries).subarray()).toEqual(expected)
    }))
  })

  it('however the bytes are cut', () => {
    fc.assert(fc.property(fc.array(fc.nat(300), { minLength: 1, maxLength: 20 }), fc.array(fc.integer({ min: 1, max: 97 }), { minLength: 1 }), (sizes, cuts) => {
      const { fake, stream } = fakeStream()
      const { read } = reader(stream)
      const bytes = Uint8Array.from(sizes.flatMap((size, i) => [...prefixed(Frame.encode(frame(i + 1, new Uint8Array(size).fill(i))))]))

      for (let from = 0, i = 0; from < bytes.byteLength; i++) {
        const to = from + cuts[i % cuts.length]
        fake.deliver(bytes.subarray(from, to))
        from = to
      }

      expect(read.map(({ session }) => session)).toEqual(sizes.map((_, i) => i + 1))
      expect(read.map(({ deliveries }) => deliveries[0].payload.byteLength)).toEqual(sizes)
    }))
  })

  it('a frame that comes byte by byte is not kept byte by byte', () => {
    const { fake, stream } = fakeStream()
    const { frames, read } = reader(stream)
    const bytes = prefixed(Frame.encode(frame(7, new Uint8Array(20_000).fill(3))))
    let most = 0

    for (const byte of bytes) {
      fake.deliver(Uint8Array.of(byte))
      fake.deliver(new Uint8Array())
      most = Math.max(most, (Reflect.get(frames, 'chunks') as Uint8Array[]).length)
    }

    expect(most).toBeLessThanOrEqual(512)
    expect(read.map(({ session, deliveries }) => [session, deliveries[0].payload])).toEqual([[7, new Uint8Array(20_000).fill(3)]])
  })

  it('any bytes give frames or end the stream, and never throw', () => {
    fc.assert(fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 20 }), (chunks) => {
      const { fake, stream } = fakeStream()
      const { read } = reader(stream)
      chunks.forEach(chunk => { fake.deliver(chunk) })
      fake.deliver(new Uint8Array())

      expect(fake.aborted == null || ['ExchangeProtocolError'].includes(fake.aborted.name)).toBe(true)
      expect(read.length).toBeLessThanOrEqual(chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0))
    }), { numRuns: 500 })
  })

  it('damaged frames give frames or end the stream, and never throw', () => {
    const whole = prefixed(Frame.encode({
      session: 1,
      open: { role: 'MEMBER' as never, proofs: [new Uint8Array(32)] },
      wantList: { full: true, entries: [{ id: 1, messageId: 'abc', hash: new Uint8Array(32), type: 'HAVE' as never, priority: 3, cancel: false, sendDontHave: true }] },
      presences: [{ id: 1, type: 'GONE' as never }],
      deliveries: [{ id: 1, payload: new Uint8Array(20), byHash: true }],
      page: { id: 1, entries: [{ senderId: 'x', size: 3, position: { lamportTimestamp: 5, messageId: 'y' } }], more: true }
    }))

    fc.assert(fc.property(fc.array(fc.tuple(fc.nat(whole.byteLength - 1), fc.nat(255)), { minLength: 1, maxLength: 8 }), (changes) => {
      const { fake, stream } = fakeStream()
      reader(stream)
      const damaged = whole.slice()
      changes.forEach(([at, value]) => { damaged[at] = value })
      fake.deliver(damaged)

      expect(fake.aborted == null || fake.aborted.name === 'ExchangeProtocolError').toBe(true)
    }), { numRuns: 500 })
  })

  it('a frame over the limit, or a prefix without end, ends the stream before it is stored', () => {
    for (const bytes of [[0x81, 0x80, 0x20], [0xff, 0xff, 0xff, 0xff, 0x01]]) {
      const { fake, stream } = fakeStream()
      reader(stream)
      fake.deliver(Uint8Array.from(bytes))
      expect(fake.aborted?.name).toBe('ExchangeProtocolError')
    }

    const { stream } = fakeStream()
    expect(() => { reader(stream).frames.send(frame(1, new Uint8Array(MAX_FRAME_BYTES))) }).toThrow('over the limit')
  })

  it('too many entries in one frame end the stream', () => {
    const { fake, stream } = fakeStream()
    reader(stream)
    const presences = Array.from({ length: 1025 }, (_, id) => ({ id, type: 'GONE' as never }))
    fake.deliver(prefixed(Frame.encode({ session: 1, presences, deliveries: [] })))

    expect(fake.aborted?.name).toBe('ExchangeProtocolError')
  })

  it('while a frame is being handled, nothing more is read and the muxer is told to wait', async () => {
    const { fake, stream } = fakeStream()
    const handled = Promise.withResolvers<void>()
    const { read } = reader(stream, async () => { await handled.promise })
    const one = prefixed(Frame.encode(frame(1)))
    fake.deliver(Uint8Array.from([...one, ...one, ...one]))

    expect(read.length).toBe(1)
    expect(fake).toMatchObject({ pauses: 1, resumes: 0 })
    handled.resolve()
    await new Promise(resolve => setImmediate(resolve))
    expect(read.length).toBe(3)
    expect(fake).toMatchObject({ resumes: 1, readStatus: 'readable' })
  })

  it('a handler that fails ends the stream', async () => {
    const { fake, stream } = fakeStream()
    reader(stream, async () => { throw new Error('no') })
    fake.deliver(prefixed(Frame.encode(frame(1))))
    await new Promise(resolve => setImmediate(resolve))

    expect(fake.aborted?.message).toBe('no')
  })

  it('drained() waits for the queue to shrink, and fails when the stream ends', async () => {
    const { fake, stream } = fakeStream()
    const { frames } = reader(stream)
    fake.writeBufferLength = 1024 * 1024
    let drained = false
    const first = frames.drained().then(() => { drained = true })
    fake.dispatchEvent(new Event('drain'))
    await new Promise(resolve => setImmediate(resolve))
    expect(drained).toBe(false)

    fake.writeBufferLength = 0
    fake.dispatchEvent(new Event('drain'))
    await first

    fake.writeBufferLength = 1024 * 1024
    const second = frames.drained()
    frames.abort(new Error('over'))
    await expect(second).rejects.toThrow('has ended')
  })
})
