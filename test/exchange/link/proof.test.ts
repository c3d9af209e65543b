import { describe, expect, it } from 'vitest'
import { identify, prove, verify } from '../../../src/exchange/link/proof.js'
import { FakeChannel } from '../fake-channel.js'
import { testPeers } from '../peers.js'
import type { ProofContext } from '../../../src/exchange/link/proof.js'

const key = new Uint8Array(32).fill(9)
const [asker, server, other] = await testPeers(3)
const context: ProofContext = { asker, server, askerNonce: new Uint8Array(32).fill(1), serverNonce: new Uint8Array(32).fill(2) }
const pause = async (): Promise<void> => {}

describe('proof of a channel', () => {
  it('holds for exactly one session: both nonces, both peers, side, role and channel are in it', () => {
    const proof = prove(key, 'asker', 'member', 'lobby', context)
    const changed: Array<Partial<ProofContext>> = [
      { asker: other }, { server: other }, { asker: server, server: asker },
      { askerNonce: new Uint8Array(32) }, { serverNonce: new Uint8Array(32) },
      { askerNonce: context.serverNonce, serverNonce: context.askerNonce }
    ]

    expect(proof.byteLength).toBe(32)
    expect(verify([key], proof, 'asker', 'member', 'lobby', context)).toBe(key)
    expect(verify([new Uint8Array(32)], proof, 'asker', 'member', 'lobby', context)).toBeUndefined()
    expect(verify([key], proof, 'server', 'member', 'lobby', context)).toBeUndefined()
    expect(verify([key], proof, 'asker', 'holder', 'lobby', context)).toBeUndefined()
    expect(verify([key], proof, 'asker', 'member', 'lobby2', context)).toBeUndefined()

    for (const change of changed) {
      expect(verify([key], proof, 'asker', 'member', 'lobby', { ...context, ...change })).toBeUndefined()
    }
  })

  it('finds the channel by any of its keys, also during a rotation', async () => {
    const old = new Uint8Array(32).fill(3)
    const channels = [new FakeChannel('a', { keys: [key] }), new FakeChannel('b', { keys: [key, old] })]
    const proofs = [prove(new Uint8Array(32), 'asker', 'member', 'b', context), prove(old, 'asker', 'member', 'b', context)]

    expect((await identify(channels, proofs, 'member', context, pause))?.channel.channelId).toBe('b')
    expect((await identify(channels, [prove(old, 'asker', 'member', 'a', context)], 'member', context, pause))).toBeUndefined()
    expect((await identify(channels, [new Uint8Array(31), new Uint8Array(33), new Uint8Array()], 'member', context, pause))).toBeUndefined()
  })

  it('works through many channels in slices', async () => {
    const channels = Array.from({ length: 600 }, (_, i) => new FakeChannel(`channel ${i}`))
    let pauses = 0
    const found = await identify(channels, [prove(channels[599].keys()[0], 'asker', 'member', 'channel 599', context)], 'member', context, async () => { pauses++ })

    expect(found?.channel).toBe(channels[599])
    expect(pauses).toBe(2)
  })
})
