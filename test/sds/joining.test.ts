import { beforeAll, describe, expect, it } from 'vitest'
import { loadFastKeccak } from '../../src/keccak.js'
import { craft, member } from './support/craft.js'
import { ofType, START, types } from './support/member.js'

beforeAll(loadFastKeccak)

describe('sds: joining', () => {
  it('P18: a newcomer gets the first live message at once, whatever came before it', () => {
    const alice = member()
    const old = alice.send('before')[0]
    alice.now += 10_000
    const live = alice.send('after')[0]
    const bob = member({ senderId: 'bob', seed: 2, now: START + 5_000 })
    bob.now = START + 10_000

    expect(types(bob.receive(live.bytes))).toEqual(['received', 'released'])
    // unstamped, as @waku/sds cites: history for 60 s, a gap after that
    const unstamped = craft({ causalHistory: [{ messageId: 'ab'.repeat(32) }], lamportTimestamp: START + 20_000 })
    expect(types(bob.receive(unstamped.bytes))).toEqual(['received', 'released'])
    bob.now += 60_000
    const later = craft({ causalHistory: [{ messageId: old.messageId }], lamportTimestamp: START + 80_000 })
    expect(types(bob.receive(later.bytes))).toEqual(['received', 'missing'])
    // fetched, and older than the joining: releases without `lost`, and is no news
    const fetched = bob.receive(old.bytes, { fetched: true })
    expect(ofType(fetched, 'released').map(({ messageId, history }) => [messageId, history])).toEqual([[old.messageId, true], [later.messageId, false]])
    expect(ofType(bob.effects, 'lost')).toEqual([])
  })

  it('P18: where the Lamport clock is far ahead of everybody who still talks, what the first live message follows is history, and later gaps are gaps', () => {
    const carol = member({ senderId: 'carol', seed: 3, now: START + 3_600_000 })
    const alice = member()
    alice.receive(carol.send('ahead')[0].bytes)
    alice.send('before')
    const bob = member({ senderId: 'bob', seed: 2, now: START + 100 })
    alice.now = bob.now = START + 10_000
    const [live, gap, after] = [alice.send('live')[0], alice.send('gap')[0], alice.send('after')[0]]

    expect(types(bob.receive(live.bytes))).toEqual(['received', 'released'])
    expect(types(bob.receive(after.bytes))).toContain('missing')
    expect(ofType(bob.receive(gap.bytes), 'released').map(({ messageId }) => messageId)).toEqual([gap, after].map(({ messageId }) => messageId))
  })

  it('P18: a copy that left by a clock far ahead shows when we joined on that clock, however old its message is', () => {
    const alice = member({ now: START + 3_600_000 })
    alice.send('before')
    alice.now += 1_000
    const [old] = alice.send('old')
    const bob = member({ senderId: 'bob', seed: 2, now: START + 10_000 })
    alice.now += 44_000
    bob.now = START + 45_000

    // by its stamp alone, it would have been said after we joined
    expect(types(bob.receive(old.bytes, { transmittedAt: alice.now }))).toEqual(['received', 'released'])
    alice.send('gap')
    expect(types(bob.receive(alice.send('after')[0].bytes))).toContain('missing')
  })

  it('P18: what an envelope claims moves the mark no further than resending explains', () => {
    const alice = member({ now: START + 3_600_000 })
    const bob = member({ senderId: 'bob', seed: 2 })

    bob.receive(alice.send('live')[0].bytes, { transmittedAt: Number.MAX_SAFE_INTEGER })
    alice.now += 301_000
    bob.now += 301_000
    alice.send('gap')
    expect(types(bob.receive(alice.send('after')[0].bytes))).toContain('missing')
  })

  it('P18: the end of a burst from before our joining is history when it is fetched, although its stamps are counted beyond the joining', () => {
    const alice = member()
    const burst = alice.send(...Array.from({ length: 1_500 }, (_, i) => `message ${i}`))
    const bob = member({ senderId: 'bob', seed: 2, now: START + 1_000 })

    for (const { bytes } of burst.slice(-600)) {
      expect(ofType(bob.receive(bytes, { fetched: true }), 'released')).toMatchObject([{ history: true }])
    }

    // what is said after the joining is news, also where it is fetched
    alice.now = bob.now = START + 2_000
    const [news] = alice.send('news')
    expect(ofType(bob.receive(news.bytes, { fetched: true }), 'released')).toMatchObject([{ history: false }])
  })

  it('P18: a stamp by a wall clock that is ahead shows when we joined on that clock', () => {
    const alice = member({ now: START + 3_600_000 })
    alice.send('before')
    const bob = member({ senderId: 'bob', seed: 2, now: START + 10_000 })
    alice.now += 20_000
    const [gap] = alice.send('gap')
    alice.now += 20_000
    bob.now = START + 40_000
    const [live] = alice.send('live')

    // the gap was said after we joined, what it cites before
    expect(types(bob.receive(live.bytes))).toContain('missing')
    expect(ofType(bob.receive(gap.bytes), 'released').map(({ messageId }) => messageId)).toEqual([gap, live].map(({ messageId }) => messageId))
  })

  it('P18: a message from before our joining waits for nothing, whatever it cites and however', () => {
    const bob = member({ senderId: 'bob', now: START + 10_000 })
    bob.receive(craft({ lamportTimestamp: START + 10_100 }).bytes)
    bob.run(61_000)

    for (const cited of [{}, { lamportTimestamp: START + 10_050 }, { lamportTimestamp: START + 1 }]) {
      expect(types(bob.receive(craft({ lamportTimestamp: START + 10, causalHistory: [{ messageId: 'gone', ...cited }] }).bytes))).toEqual(['received', 'released'])
    }
  })

  it('P18: what cannot be had is given up after lostAfterMs, and holds nobody for ever', () => {
    const bob = member({ senderId: 'bob' })
    const { messageId, bytes } = craft({ causalHistory: [{ messageId: 'gone', lamportTimestamp: START + 1 }] })

    bob.receive(bytes)
    bob.run(59_999)
    expect(bob.delivered).toEqual([])
    bob.run(1)
    expect(bob.delivered).toEqual([messageId])
  })
})
