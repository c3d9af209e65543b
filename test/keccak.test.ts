import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createKeccak256, keccak256, loadFastKeccak } from '../src/keccak.js'

/** Each input cut at some places: hash `turn` gets its next piece at each turn. */
const interleaved = fc.array(fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 4 })

function takeTurns (inputs: readonly Uint8Array[][]): Uint8Array[] {
  const hashes = inputs.map(() => createKeccak256())

  for (let turn = 0; turn < 5; turn++) {
    inputs.forEach((pieces, i) => {
      if (turn < pieces.length) {
        hashes[i].update(pieces[turn])
      }

      // the one-shot hash in between disturbs nobody
      keccak256(Uint8Array.of(turn))
    })
  }

  return hashes.map(hash => hash.digest())
}

describe('keccak256', () => {
  it('is the original one, and its backends give the same bytes', async () => {
    const inputs = fc.sample(interleaved, { seed: 7, numRuns: 50 })
    const hash = (): string[] => inputs.flatMap(input => [...takeTurns(input), keccak256(...input.flat())]).map(bytes => bytes.join())
    const empty = 'c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470'
    const hex = (): string => Array.from(keccak256(), byte => byte.toString(16).padStart(2, '0')).join('')

    expect(hex()).toBe(empty)

    const open = createKeccak256().update(Uint8Array.of(1))
    const portable = hash()

    await loadFastKeccak()

    expect(hex()).toBe(empty)
    expect(hash()).toEqual(portable)
    // one that was opened before the backend was there goes on
    expect(open.update(Uint8Array.of(2)).digest()).toEqual(keccak256(Uint8Array.of(1, 2)))
  })

  it('forgets hashes that are never finished', async () => {
    await loadFastKeccak()

    for (let i = 0; i < 100; i++) {
      createKeccak256().update(Uint8Array.of(i))
    }

    expect(createKeccak256().update(Uint8Array.of(1)).update(Uint8Array.of(2)).digest()).toEqual(keccak256(Uint8Array.of(1, 2)))
  })

  it('hashes in any cut as in one piece', async () => {
    await loadFastKeccak()

    fc.assert(fc.property(interleaved, (inputs) => {
      expect(takeTurns(inputs)).toEqual(inputs.map(pieces => keccak256(...pieces)))
    }))
  })
})
