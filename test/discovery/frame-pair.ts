import type { FrameChannel } from '../../src/discovery/session.js'

export interface FramePair {
  a: FrameChannel
  b: FrameChannel
  /** every frame, in order */
  frames: Array<{ from: 'a' | 'b', bytes: Uint8Array }>
}

/** Two ends of a channel that delivers at once, and may change what it carries. */
export function framePair (tamper: (bytes: Uint8Array, from: 'a' | 'b', index: number) => Uint8Array = bytes => bytes): FramePair {
  const frames: FramePair['frames'] = []
  const toA = createQueue()
  const toB = createQueue()

  const end = (from: 'a' | 'b', out: Queue, into: Queue): FrameChannel => ({
    read: async ({ signal }) => await into.take(signal),
    write: async (bytes) => {
      frames.push({ from, bytes })
      out.put(tamper(bytes, from, frames.length - 1))
    }
  })

  return { a: end('a', toB, toA), b: end('b', toA, toB), frames }
}

interface Queue {
  put (bytes: Uint8Array): void
  take (signal?: AbortSignal): Promise<Uint8Array>
}

function createQueue (): Queue {
  const frames: Uint8Array[] = []
  let waiting: (() => void) | undefined

  return {
    put: (bytes) => {
      frames.push(bytes)
      waiting?.()
    },
    take: async (signal) => {
      while (frames.length === 0) {
        await new Promise<void>((resolve, reject) => {
          waiting = resolve
          signal?.addEventListener('abort', () => { reject(signal.reason instanceof Error ? signal.reason : new Error('aborted')) })
        })
      }

      return frames.splice(0, 1)[0]
    }
  }
}
