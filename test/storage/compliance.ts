import * as fc from 'fast-check'
import { Key } from 'interface-datastore'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { JournaledStore, StoreClosedError, StoreVersionError } from '../../src/storage/index.js'
import type { StoreOp } from '../../src/storage/index.js'
import type { Datastore } from 'interface-datastore'

/** A backend under test. `reopen()` closes it and opens what it left. */
export interface Backend {
  datastore: Datastore
  reopen (): Promise<Datastore>
  destroy (): Promise<void>
}

export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

export const op = (key: string, value?: string): StoreOp => value == null ? { key } : { key, value: bytes(value) }

/** What a store holds, by key. */
export async function contents (store: JournaledStore, prefix = ''): Promise<Record<string, string>> {
  const out: Record<string, string> = {}

  for await (const { key, value } of store.list(prefix)) {
    expect(out, `${key} is listed once`).not.toHaveProperty([key])
    Object.defineProperty(out, key, { value: new TextDecoder().decode(value), enumerable: true })
  }

  return out
}

/** Keys that some backend, or an escape, may take for something else. */
const AWKWARD = ['a', 'a/b', 'a//b', '/a', 'ab', 'a b', 'A', 'é', 'Ārchive', '日本/語', '\u{1f980}', '\ud800', '%', '%0061', '__proto__', 'version', 'a\u0000', '\u00ff', 'z\uffff']

type Step = { type: 'commit', ops: StoreOp[], wait: boolean } | { type: 'flush' | 'close' | 'reopen' }

const steps = fc.array(fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      type: fc.constant('commit' as const),
      wait: fc.boolean(),
      ops: fc.array(fc.record({
        key: fc.constantFrom(...AWKWARD),
        value: fc.option(fc.uint8Array({ maxLength: 6 }), { nil: undefined })
      }), { maxLength: 6 })
    })
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constantFrom('flush' as const, 'close' as const, 'reopen' as const) }) }
), { maxLength: 24 })

/** What `JournaledStore` does on every datastore. */
export function journaledStoreCompliance (name: string, create: () => Promise<Backend>, { runs }: { runs: number }): void {
  describe(`JournaledStore on ${name}`, () => {
    const prefix = '/holdfast/test'
    let backend: Backend

    beforeEach(async () => {
      backend = await create()
    })

    afterEach(async () => {
      await backend.destroy()
    })

    it('behaves like a map, whatever is committed, flushed, closed or left open', async () => {
      let run = 0

      await fc.assert(fc.asyncProperty(steps, async (steps: Step[]) => {
        const at = `${prefix}/${run++}`
        const model = new Map<string, string>()
        const pending: Array<Promise<void>> = []
        let datastore = backend.datastore
        let store = await JournaledStore.open({ datastore, prefix: at })

        for (const step of steps) {
          if (step.type === 'commit') {
            const committed = store.commit(step.ops.map(({ key, value }) => ({ key, value: value?.slice() })))
            step.ops.forEach(({ key, value }) => value == null ? model.delete(key) : model.set(key, value.join()))
            pending.push(committed)

            if (step.wait) {
              await committed
            }

            continue
          }

          if (step.type !== 'flush') {
            // a store that is only dropped is what a kill leaves, once its writes are through
            await (step.type === 'close' ? store.close() : Promise.all(pending))
            datastore = run % 10 === 0 ? await backend.reopen() : datastore
            store = await JournaledStore.open({ datastore, prefix: at })
          } else {
            await store.flush()
          }

          await Promise.all(pending)
          const listed: Array<[string, string]> = []

          for await (const { key, value } of store.list('')) {
            listed.push([key, value.join()])
          }

          expect(listed.sort(), 'list').toEqual([...model].sort())
        }

        await Promise.all(pending)

        for (const key of AWKWARD) {
          expect((await store.get(key))?.join(), `get ${JSON.stringify(key)}`).toBe(model.get(key))

          for await (const entry of store.list(key)) {
            expect(entry.key.startsWith(key)).toBe(true)
          }
        }
      }), { numRuns: runs, seed: 1 })
    })

    it('lists by prefix, from the journal and from the keys', async () => {
      const store = await JournaledStore.open({ datastore: backend.datastore, prefix })
      await store.commit([op('log/1', 'a'), op('log/日', 'b'), op('log', 'c'), op('login', 'd')])
      await store.flush()
      await store.commit([op('log/2', 'e'), op('log/1'), op('other', 'f')])

      expect(await contents(store, 'log/')).toEqual({ 'log/2': 'e', 'log/日': 'b' })
      expect(await contents(store, 'log/日')).toEqual({ 'log/日': 'b' })
      expect(await contents(store, 'lo')).toEqual({ 'log/2': 'e', 'log/日': 'b', log: 'c', login: 'd' })
      await store.close()
    })

    it('tells an empty value from an absent one', async () => {
      const store = await JournaledStore.open({ datastore: backend.datastore, prefix })
      await store.commit([op('empty', '')])
      expect(await store.get('empty')).toHaveLength(0)
      await store.flush()
      expect(await store.get('empty')).toHaveLength(0)
      expect(await store.get('absent')).toBeUndefined()

      const again = await JournaledStore.open({ datastore: await backend.reopen(), prefix })
      expect(await contents(again)).toEqual({ empty: '' })
    })

    it('keeps stores under neighbouring prefixes apart', async () => {
      const { datastore } = backend
      const stores = await Promise.all(['/p/1', '/p/10', '/p/2'].map(async prefix => await JournaledStore.open({ datastore, prefix })))
      await Promise.all(stores.map(async (store, i) => { await store.commit([op('key', `${i}`)]) }))
      await stores[1].flush()
      await stores[0].erase()

      expect(await contents(stores[1])).toEqual({ key: '1' })
      expect(await contents(stores[2])).toEqual({ key: '2' })
      expect(await contents(await JournaledStore.open({ datastore, prefix: '/p/1' }))).toEqual({})
    })

    it('is empty and usable again after it was erased', async () => {
      const store = await JournaledStore.open({ datastore: backend.datastore, prefix })
      const ops = Array.from({ length: 2_500 }, (_, i) => op(`key/${i}`, `${i}`))
      await store.commit(ops)
      await store.flush()
      const last = store.commit([op('more', 'x')])
      await store.erase()
      await last

      expect(await store.get('key/7')).toBeUndefined()
      await expect(store.commit([op('late', 'x')])).rejects.toThrow(StoreClosedError)
      await store.close()

      const again = await JournaledStore.open({ datastore: await backend.reopen(), prefix })
      expect(await contents(again)).toEqual({})
      await again.commit([op('new', 'x')])
      expect(await contents(again)).toEqual({ new: 'x' })
      await again.close()
    })

    it('hands out plain byte arrays', async () => {
      const store = await JournaledStore.open({ datastore: backend.datastore, prefix })
      await store.commit([op('key', 'value')])
      await store.flush()
      expect(await store.get('key')).toEqual(bytes('value'))

      for await (const { value } of store.list('')) {
        expect(value).toEqual(bytes('value'))
      }

      await store.close()
    })

    it('stores only what a view shows, not the buffer behind it', async () => {
      const store = await JournaledStore.open({ datastore: backend.datastore, prefix })
      await store.commit([{ key: 'view', value: new Uint8Array(100_000).subarray(10, 14).fill(7) }])
      await store.flush()

      const value = await (await JournaledStore.open({ datastore: await backend.reopen(), prefix })).get('view')
      expect([...value ?? []]).toEqual([7, 7, 7, 7])
      // LevelDB hands out slices of a pool of its own
      expect(value?.buffer.byteLength).toBeLessThan(100_000)
    })

    it('refuses a store of a newer version and leaves it as it is', async () => {
      await backend.datastore.put(new Key(`${prefix}/version`), bytes('2'))
      await backend.datastore.put(new Key(`${prefix}/journal/000000000000001`), bytes('whatever'))

      const datastore = await backend.reopen()
      await expect(JournaledStore.open({ datastore, prefix })).rejects.toThrow(StoreVersionError)
      expect(await datastore.has(new Key(`${prefix}/journal/000000000000001`))).toBe(true)
    })
  })
}
