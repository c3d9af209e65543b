import { streamPair } from '@libp2p/utils'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Frames } from '../../src/rendezvous/framing.js'
import { frame, utf8 } from './fixtures.js'

describe('Frames', () => {
  it('reads what was framed, however it is cut', async () => {
    await fc.assert(fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 400 }), { maxLength: 8 }), fc.array(fc.integer({ min: 1, max: 300 })), async (bodies, cuts) => {
      const [outbound, inbound] = await streamPair()
      const frames = new Frames(inbound, 400)
      const bytes = Uint8Array.from(bodies.flatMap(body => [...frame(body)]))
      let at = 0

      for (const cut of [...cuts, bytes.byteLength]) {
        at < bytes.byteLength && outbound.send(bytes.slice(at, at + cut))
        at += cut
      }

      await outbound.close()

      for (const body of bodies) {
        expect(await frames.next()).toEqual(body)
      }

      expect(await frames.next()).toBeUndefined()
      await expect(frames.read()).rejects.toMatchObject({ name: 'UnexpectedEOFError' })
    }), { numRuns: 30 })
  })

  it.each([
    ['a length that does not end', [0xff, 0xff], /does not end/],
    ['a frame that is too long', [0x91, 0x03], /length of the message is 401 bytes/]
  ])('refuses %s', async (_name, bytes, message) => {
    const [outbound, inbound] = await streamPair()
    const frames = new Frames(inbound, 400)
    outbound.send(Uint8Array.from(bytes))

    await expect(frames.next()).rejects.toThrow(message)
  })

  it('resets the stream when more waits to be read than may', async () => {
    const [outbound, inbound] = await streamPair()
    const frames = new Frames(inbound, 400, 1_000)
    const closed = new Promise<string>(resolve => { outbound.addEventListener('close', () => { resolve(outbound.status) }) })
    outbound.send(new Uint8Array(1_001))

    expect(await closed).toBe('reset')
    await expect(frames.next()).rejects.toThrow(/1000 bytes wait/)
  })

  it('ends with what the stream ended with, and with its signal', async () => {
    const [outbound, inbound] = await streamPair()
    const frames = new Frames(inbound, 400)
    await expect(frames.next({ signal: AbortSignal.abort(new Error('mine')) })).rejects.toThrow('mine')

    const controller = new AbortController()
    const next = frames.next({ signal: controller.signal })
    controller.abort(new Error('too late'))
    await expect(next).rejects.toThrow('too late')

    const last = frames.next()
    outbound.abort(new Error('theirs'))
    await expect(last).rejects.toMatchObject({ name: 'StreamResetError' })
  })

  it('sends what is posted in one turn together, and a large part of it at once', async () => {
    const [outbound, inbound] = await streamPair()
    const sent: number[] = []
    const send = outbound.send.bind(outbound)
    outbound.send = data => {
      sent.push(data.byteLength)

      return send(data)
    }
    const posting = new Frames(outbound, 100_000)
    const reading = new Frames(inbound, 100_000)

    for (const body of ['one', 'two', 'three']) {
      expect(posting.post(utf8(body))).toBe(true)
    }

    expect(sent).toEqual([])

    for (const body of ['one', 'two', 'three']) {
      expect(await reading.next()).toEqual(utf8(body))
    }

    expect(sent).toEqual([14])

    posting.post(new Uint8Array(65_536))
    expect(sent).toEqual([14, 65_539])
    expect(await reading.next()).toHaveLength(65_536)

    posting.post(utf8('last'))
    posting.flush()
    expect(sent).toEqual([14, 65_539, 5])
    expect(await reading.next()).toEqual(utf8('last'))
  })
})
