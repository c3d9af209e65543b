import { performance } from 'node:perf_hooks'

export interface Contestant {
  /** Handles `count` messages, and resolves when the last one is where it belongs. */
  run (count: number): Promise<void> | void
}

/**
 * Microseconds a message, one figure for each contestant: medians over rounds in which they take
 * turns, so that whatever else the machine does meets all of them.
 *
 * @param options.clock - `cpu`: time that the main thread ran, which leaves out what other
 * processes took from it; for contestants that never wait
 */
export async function compare (contestants: Contestant[], { rounds, messages, clock }: { rounds: number, messages: number, clock: 'cpu' | 'wall' }): Promise<number[]> {
  const samples: number[][] = contestants.map(() => [])

  // the first round warms up
  for (let round = 0; round <= rounds; round++) {
    for (const [i, contestant] of contestants.entries()) {
      const start = microseconds(clock)

      await contestant.run(messages)

      if (round > 0) {
        samples[i].push((microseconds(clock) - start) / messages)
      }
    }
  }

  return samples.map(median)
}

function microseconds (clock: 'cpu' | 'wall'): number {
  if (clock === 'wall') {
    return performance.now() * 1_000
  }

  const { user, system } = process.threadCpuUsage()

  return user + system
}

export function median (values: number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]
}

/** Messages of `size` bytes, no two alike from 4 bytes on. */
export function payloads (size: number): () => Uint8Array {
  let count = 0

  return () => {
    const payload = new Uint8Array(size).fill(0x61)

    if (size >= 4) {
      new DataView(payload.buffer).setUint32(0, ++count)
    }

    return payload
  }
}

/** Bytes of memory in use, after what can be collected is gone. */
export async function heldBytes (): Promise<number> {
  for (let i = 0; i < 3; i++) {
    // the usual collection leaves megabytes that nothing refers to any more
    globalThis.gc?.({ type: 'major', execution: 'sync', flavor: 'last-resort' })
    // finalizers of buffers run between turns of the event loop
    await new Promise(resolve => { setImmediate(resolve) })
  }

  const { heapUsed, arrayBuffers } = process.memoryUsage()

  return heapUsed + arrayBuffers
}

/** Collects lines of the one table: a ratio, beside what it may be at most. */
export class Table {
  readonly #rows: string[] = []

  /** @param met - undefined: there is no budget, the line is for information */
  add (what: string, ours: string, other: string, ratio: string, budget = '', met?: boolean): void {
    this.#rows.push(`| ${[what, ours, other, ratio, budget, met == null ? '' : met ? 'met' : '**not met**'].join(' | ')} |`)
    console.error(`${what}: ${ours}, ${other}, ${ratio}`)
  }

  toString (): string {
    return ['| what | ours | beside | ratio | budget | |', '| --- | --- | --- | --- | --- | --- |', ...this.#rows].join('\n')
  }
}

export const us = (value: number): string => `${value.toFixed(value < 100 ? 1 : 0)} µs`
export const times = (value: number): string => `${value.toFixed(value < 10 ? 2 : 1)} ×`
