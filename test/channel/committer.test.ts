import { describe, expect, test } from 'vitest'
import { Committer } from '../../src/channel/committer.js'
import { SimulatedClock } from '../../src/testing/simulated-clock.js'
import { op } from '../storage/compliance.js'
import type { StoreOp } from '../../src/storage/index.js'

interface Disk {
  committer: Committer
  clock: SimulatedClock
  stored: string[]
  errors: Error[]
  isFull: boolean
}

function create (): Disk {
  const clock = new SimulatedClock()
  const disk: Omit<Disk, 'committer'> = { clock, stored: [], errors: [], isFull: false }
  const commit = async (ops: readonly StoreOp[]): Promise<void> => {
    if (disk.isFull) {
      throw new Error('the disk is full')
    }

    disk.stored.push(...ops.map(({ key }) => key))
  }

  return Object.assign(disk, { committer: new Committer({ store: { commit }, clock, onError: err => { disk.errors.push(err) } }) })
}

describe('committer', () => {
  test('what cannot be written is tried again, in its order', async () => {
    const disk = create()
    const done: string[] = []

    disk.isFull = true
    disk.committer.push([op('a')], () => { done.push('a') })
    await disk.clock.settle()
    disk.committer.push([op('b')], () => { done.push('b') })
    await disk.clock.advance(500)
    disk.isFull = false
    await disk.clock.advance(1_000)

    expect(disk.stored).toEqual(['a', 'b'])
    expect(done).toEqual(['a', 'b'])
    expect(disk.errors.map(({ message }) => message)).toEqual(['the disk is full'])
    expect(disk.committer.backlog).toBe(0)
  })

  test('nothing is written behind what was given up while closing: it may rely on that', async () => {
    const disk = create()

    disk.committer.push([op('a')], () => {})
    await disk.clock.settle()
    disk.isFull = true
    disk.committer.push([op('b')], () => { disk.stored.push('told of b') })
    await disk.committer.close()
    disk.isFull = false
    disk.committer.push([op('c')], () => { disk.stored.push('told of c') })
    await disk.clock.settle()

    expect(disk.stored).toEqual(['a'])
    expect(disk.committer.backlog).toBe(0)
  })

  test('what is tried once, and is refused, is in nobody\'s way', async () => {
    const disk = create()

    disk.isFull = true

    const refused = disk.committer.attempt([op('a')], () => {})
    const closed = disk.committer.close()

    await expect(refused).rejects.toThrow('the disk is full')
    disk.isFull = false
    disk.committer.push([op('b')], () => {})
    await closed
    await disk.clock.settle()

    expect(disk.stored).toEqual(['b'])
  })
})
