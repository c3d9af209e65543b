import { describe, expect, it } from 'vitest'
import { watch } from '../../src/discovery/watch.js'
import type { Change } from '../../src/discovery/watch.js'

function subject (start: string[]): { set: (value: string[]) => void, listeners: Set<() => void>, follow: (signal?: AbortSignal) => AsyncIterator<Change<string[], string>> } {
  const listeners = new Set<() => void>()
  let value = start

  return {
    listeners,
    set: (next) => {
      value = next
      listeners.forEach(listener => { listener() })
    },
    follow: signal => watch({
      read: () => value,
      items: items => new Map(items.map(item => [item, item])),
      subscribe: (fn) => {
        listeners.add(fn)

        return () => { listeners.delete(fn) }
      }
    }, { signal })[Symbol.asyncIterator]()
  }
}

describe('watch', () => {
  it('yields what was added and removed, on change only', async () => {
    const { set, follow } = subject(['a'])
    const changes = follow()
    const first = changes.next()

    set(['a'])
    set(['a', 'b'])
    expect(await first).toEqual({ done: false, value: { value: ['a', 'b'], added: ['b'], removed: [] } })

    const second = changes.next()
    set(['b', 'a'])
    set(['b', 'c'])
    expect(await second).toEqual({ done: false, value: { value: ['b', 'c'], added: ['c'], removed: ['a'] } })
  })

  it('misses nothing between the call and the first read', async () => {
    const { set, follow } = subject([])
    const changes = follow()

    set(['a'])
    expect(await changes.next()).toMatchObject({ value: { added: ['a'] } })
  })

  it('gives a slow reader the sum, and queues nothing', async () => {
    const { set, follow } = subject(['a'])
    const changes = follow()

    for (let i = 0; i < 1000; i++) {
      set([`${i}`])
    }

    expect(await changes.next()).toMatchObject({ value: { value: ['999'], added: ['999'], removed: ['a'] } })
    set(['x'])
    set(['999'])
    set(['999', 'y'])
    expect(await changes.next()).toMatchObject({ value: { added: ['y'], removed: [] } })
  })

  it('ends with the signal, and leaves no listener behind', async () => {
    const { follow, listeners } = subject([])
    const controller = new AbortController()
    const next = follow(controller.signal).next()

    expect(listeners.size).toBe(1)
    controller.abort()
    expect(await next).toEqual({ done: true, value: undefined })
    expect(listeners.size).toBe(0)
  })

  it('ends when the reader leaves', async () => {
    const { set, follow, listeners } = subject([])
    const changes = follow()
    set(['a'])
    await changes.next()
    await changes.return?.()
    expect(listeners.size).toBe(0)
  })
})
