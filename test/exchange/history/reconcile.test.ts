import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Fingerprint, comparePositions } from '../../../src/exchange/history/fingerprint.js'
import { reconcile } from '../../../src/exchange/history/reconcile.js'
import { FakeChannel, fakeMessage } from '../fake-channel.js'
import { testPeers } from '../peers.js'
import { FakeMember, pause } from './fake-member.js'
import type { LogPosition } from '../../../src/exchange/types.js'
import type { FakeMessage } from '../fake-channel.js'

const [peer] = await testPeers(1)

async function run (ours: FakeMessage[], theirs: FakeMessage[], after?: LogPosition): Promise<{ missing: string[], questions: number }> {
  const log = new FakeChannel().add(...ours)
  const remote = new FakeMember(peer, new FakeChannel().add(...theirs))
  const missing: string[] = []
  const count = await reconcile({
    log,
    remote,
    range: { after },
    has: (messageId) => log.has({ messageId }),
    onMissing: ({ messageId }) => { missing.push(messageId) },
    pause
  })

  expect(count).toBe(missing.length)

  return { missing, questions: remote.pages + remote.digests }
}

const log = Array.from({ length: 3_000 }, (_, i) => fakeMessage(`message ${i}`, { lamportTimestamp: 1 + (i >> 1) }))

describe('reconciliation', () => {
  it('finds exactly what only the other has', async () => {
    await fc.assert(fc.asyncProperty(fc.array(fc.tuple(fc.nat(30), fc.boolean(), fc.boolean()), { maxLength: 400 }), async (rows) => {
      const all = rows.map(([lamportTimestamp, ours, theirs], i) => ({ message: fakeMessage(`row ${i}`, { lamportTimestamp }), ours, theirs }))
      const { missing } = await run(all.filter(({ ours }) => ours).map(({ message }) => message), all.filter(({ theirs }) => theirs).map(({ message }) => message))

      expect(missing.sort()).toEqual(all.filter(({ ours, theirs }) => theirs && !ours).map(({ message }) => message.messageId).sort())
    }), { numRuns: 50 })
  })

  it('costs one question when the logs agree, and few when one message differs', async () => {
    expect(await run(log, log)).toEqual({ missing: [], questions: 1 })

    const { missing, questions } = await run(log.filter((_, i) => i !== 1_234), log)
    expect(missing).toEqual([log[1_234].messageId])
    expect(questions).toBeLessThanOrEqual(5)
  })

  it('a day offline costs a question for about a thousand messages, and wants causes before what cites them', async () => {
    const long = Array.from({ length: 20_000 }, (_, i) => fakeMessage(`message ${i}`, { lamportTimestamp: i + 1 }))
    const { missing, questions } = await run(long.slice(0, 5_000), long)

    expect(missing.length).toBe(15_000)
    expect(missing.every((messageId, i) => messageId === long[5_000 + i].messageId)).toBe(true)
    expect(questions).toBeLessThanOrEqual(64)
  })

  it('waits while enough is being fetched', async () => {
    const wanted: string[] = []
    const open = Promise.withResolvers<void>()
    const running = reconcile({
      log: new FakeChannel(),
      remote: new FakeMember(peer, new FakeChannel().add(...log.slice(0, 50))),
      range: {},
      has: () => false,
      onMissing: async ({ messageId }) => {
        wanted.push(messageId)
        await open.promise
      },
      pause
    })

    await new Promise(resolve => setImmediate(resolve))
    expect(wanted).toEqual([log[0].messageId < log[1].messageId ? log[0].messageId : log[1].messageId])
    open.resolve()
    expect(await running).toBe(50)
  })

  it('wants nothing at or below the floor', async () => {
    const { missing } = await run([], log.slice(0, 200), log[99])
    const above = log.slice(0, 200).filter(message => comparePositions(message, log[99]) > 0)
    expect(missing.sort()).toEqual(above.map(({ messageId }) => messageId).sort())
  })

  it('an empty log on either side is no trouble', async () => {
    expect((await run(log.slice(0, 50), [])).missing).toEqual([])
    expect((await run([], log.slice(0, 50))).missing.length).toBe(50)
  })

  it('a peer whose fingerprints never agree is left after a bounded number of questions', async () => {
    const remote = new FakeMember(peer)
    let made = 0
    remote.digest = async () => {
      remote.digests++

      return { parts: Array.from({ length: 16 }, () => ({ last: { lamportTimestamp: ++made, messageId: 'x' }, count: 1_000_000, fingerprint: new Uint8Array(16) })) }
    }
    await reconcile({ log: new FakeChannel(), remote, range: {}, has: () => false, onMissing: () => {}, pause })

    expect(remote.digests + remote.pages).toBeLessThanOrEqual(512)
  })

  it('a fingerprint does not depend on the order, and does on every entry and its place', () => {
    const print = (...positions: LogPosition[]): string => {
      const fingerprint = new Fingerprint()
      positions.forEach(position => { fingerprint.add(position) })

      return Buffer.from(fingerprint.digest()).toString('hex')
    }
    const a = { lamportTimestamp: 1, messageId: 'a' }
    const b = { lamportTimestamp: 2, messageId: 'b' }

    expect(print(a, b)).toBe(print(b, a))
    expect(new Set([print(), print(a), print(b), print(a, b), print(a, a), print({ ...a, lamportTimestamp: 2 })]).size).toBe(6)
  })
})
