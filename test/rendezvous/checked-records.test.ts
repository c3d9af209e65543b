import { expect, it } from 'vitest'
import { CheckedRecords } from '../../src/rendezvous/client/checked-records.js'
import { legacyRecord, standardRecord } from '../../src/rendezvous/index.js'
import { createPeer } from './fixtures.js'

it('remembers what was in order, and nothing else', async () => {
  const [alice, eve] = await Promise.all([1, 2].map(createPeer))
  const records = new CheckedRecords({ standard: standardRecord, legacy: legacyRecord })
  const good = await alice.seal()
  const forged = await eve.seal({ as: alice.id })

  expect(records.known(good)).toBeUndefined()
  expect((await records.open(good)).peer.equals(alice.id)).toBe(true)
  expect(records.known(good.slice())?.peer.equals(alice.id)).toBe(true)

  await expect(records.open(forged)).rejects.toMatchObject({ name: 'InvalidRecordError' })
  expect(records.known(forged)).toBeUndefined()

  // each byte counts
  for (let i = 0; i < good.byteLength; i++) {
    for (const bit of [0x01, 0x80]) {
      const changed = good.slice()
      changed[i] ^= bit
      expect(records.known(changed)).toBeUndefined()
    }
  }
})

it('is bounded in bytes: what was seen the longest ago goes first', async () => {
  const alice = await createPeer(1)
  const records = new CheckedRecords({ standard: standardRecord })
  const addresses = Array.from({ length: 700 }, (_, i) => `/dns4/${'a'.repeat(60)}${i}.example.org/tcp/4001/wss`)
  const sealed = await Promise.all(Array.from({ length: 90 }, async (_, i) => await alice.seal({ sequence: BigInt(i + 1), addresses })))

  for (const record of sealed) {
    await records.open(record)
    // the first one stays in use
    records.known(sealed[0])
  }

  const kept = sealed.filter(record => records.known(record) != null)
  const bytes = kept.reduce((sum, { byteLength }) => sum + byteLength, 0)
  expect(bytes).toBeLessThanOrEqual(4 * 1024 * 1024)
  expect(bytes).toBeGreaterThan(3.9 * 1024 * 1024)
  expect(kept).toEqual([sealed[0], ...sealed.slice(-(kept.length - 1))])
  expect(kept.length).toBeLessThan(sealed.length)
})

it('and in number', async () => {
  const records = new CheckedRecords({ standard: standardRecord })
  const record = await (await createPeer(1)).seal()
  const content = await records.open(record)
  const contents = Reflect.get(records, 'contents') as Map<string, unknown>

  // as if they had been opened
  for (let i = 0; i < 9_999; i++) {
    contents.set(`${i}`, content)
  }

  await records.open(await (await createPeer(2)).seal())
  expect(contents.size).toBe(10_000)
  expect(records.known(record)).toBeUndefined()
})
