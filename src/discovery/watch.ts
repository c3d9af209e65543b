import type { Cancel } from '../clock.js'
import type { AbortOptions } from '@libp2p/interface'

/** What became of a watched value since the last time it was given out. */
export interface Change<Value, Item> {
  value: Value
  added: Item[]
  removed: Item[]
}

export interface WatchInit<Value, Item> {
  read (): Value
  /** the parts of a value, by a name that tells them apart */
  items (value: Value): Map<string, Item>
  /** calls back whenever the value may have changed */
  subscribe (fn: () => void): Cancel
}

/**
 * Follows a value from the moment of the call, and yields when its items differ from what was
 * yielded last. A slow reader skips what lies between: nothing is queued for it.
 */
export function watch<Value, Item> (init: WatchInit<Value, Item>, options: AbortOptions = {}): AsyncIterable<Change<Value, Item>> {
  const start = init.items(init.read())

  return { [Symbol.asyncIterator]: () => follow(init, start, options) }
}

async function * follow<Value, Item> ({ read, items, subscribe }: WatchInit<Value, Item>, start: Map<string, Item>, { signal }: AbortOptions): AsyncGenerator<Change<Value, Item>> {
  let last = start
  let changed = Promise.withResolvers<void>()
  const wake = (): void => { changed.resolve() }
  const unsubscribe = subscribe(wake)
  signal?.addEventListener('abort', wake)

  try {
    while (signal?.aborted !== true) {
      changed = Promise.withResolvers<void>()

      const value = read()
      const current = items(value)
      const added = without(current, last)
      const removed = without(last, current)

      if (added.length + removed.length > 0) {
        last = current
        yield { value, added, removed }
      } else {
        await changed.promise
      }
    }
  } finally {
    unsubscribe()
    signal?.removeEventListener('abort', wake)
  }
}

function without<Item> (items: Map<string, Item>, others: Map<string, Item>): Item[] {
  return [...items].filter(([name]) => !others.has(name)).map(([, item]) => item)
}
