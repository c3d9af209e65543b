import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MemoryStore } from '../../src/storage/index.js'
import { bytes, op } from './compliance.js'
import type { MemoryEntries, StoreEntry, StoreOp } from '../../src/storage/index.js'

async function entries (store: MemoryStore, prefix = ''): Promise<StoreEntry[]> {
  const out: StoreEntry[] = []

  for await (const entry of store.list(prefix)) {
    out.push(entry)
  }

  return out
}

const transactions = fc.array(fc.array(fc.record({
  key: fc.constantFrom('a', 'a/b', 'ab', 'b'),
  value: fc.option(fc.oneof(fc.uint8Array({ maxLength: 6 }), fc.uint8Array({ minLength: 511, maxLength: 514 })), { nil: undefined })
}), { maxLength: 6 }))

describe('MemoryStore', () => {
  it('behaves like a map, whatever is committed', async () => {
    await fc.assert(fc.asyncProperty(transactions, async (commits: StoreOp[][]) => {
      const store = new MemoryStore()
      const model = new Map<string, Uint8Array>()

      for (const ops of commits) {
        await store.commit(ops)
        ops.forEach(({ key, value }) => value == null ? model.delete(key) : model.set(key, value))
      }

      expect(new Map((await entries(store)).map(({ key, value }) => [key, value]))).toEqual(model)
      expect(new Set((await entries(store, 'a')).map(({ key }) => key))).toEqual(new Set([...model.keys()].filter(key => key.startsWith('a'))))

      for (const key of ['a', 'a/b', 'ab', 'b']) {
        expect(await store.get(key)).toEqual(model.get(key))
      }
    }))
  })

  it('applies nothing of a commit with a bad key', async () => {
    const store = new MemoryStore()

    for (const key of ['', 'a/']) {
      await expect(store.commit([op('good', 'x'), op(key, 'x')])).rejects.toThrow('a key is not empty and does not end with a slash')
    }

    expect(await entries(store)).toEqual([])
  })

  it('leaves what it holds to the next one, and takes nothing once it is closed', async () => {
    const shared: MemoryEntries = new Map()
    const store = new MemoryStore(shared)

    await store.commit([op('a', '1')])
    await store.close()
    await expect(store.commit([op('a', '2')])).rejects.toMatchObject({ name: 'StoreClosedError' })
    expect(await new MemoryStore(shared).get('a')).toEqual(bytes('1'))
  })

  it('does not keep a large buffer for a small view of it', async () => {
    const store = new MemoryStore()

    for (const length of [10, 2_000]) {
      await store.commit([{ key: 'a', value: new Uint8Array(100_000).subarray(10, 10 + length) }])
      expect((await store.get('a'))?.buffer.byteLength).toBe(length)
    }
  })
})
