import { streamPair } from '@libp2p/utils'
import { describe, expect, it } from 'vitest'
import { streamChannel } from '../../src/discovery/libp2p-network.js'
import { MAX_FRAME_BYTES } from '../../src/discovery/session.js'

/** A read that waits without end fails its test with another message. */
const within = (): { signal: AbortSignal } => ({ signal: AbortSignal.timeout(5_000) })

describe('streamChannel', () => {
  it('carries frames up to the largest', async () => {
    const [a, b] = (await streamPair()).map(streamChannel)
    const frame = new Uint8Array(MAX_FRAME_BYTES).fill(7)
    const read = b.read(within())

    await a.write(frame, within())
    expect(await read).toEqual(frame)
  })

  it.each([
    ['that does not end', new Uint8Array(20).fill(0xff), /does not end/],
    // 128 KiB and one byte more
    ['of a frame that is too large', Uint8Array.of(0x81, 0x80, 0x08), /length/]
  ])('refuses a length %s', async (_name, prefix, message) => {
    const [stream, other] = await streamPair()
    const read = streamChannel(other).read(within())

    stream.send(prefix)
    await expect(read).rejects.toThrow(message)
  })
})
