import type { Interface } from 'node:readline'

/** Lines that wait to be read; the input is paused meanwhile. */
const MAX_WAITING = 256

/**
 * The lines of a reader from now on. Its own iterator loses those that come before the first
 * `next()`, and hangs when it was closed by then. Throws what the input fails with, after the
 * lines before it.
 */
export function readLines (reader: Interface): AsyncIterable<string> {
  const waiting: string[] = []
  let ended = false
  let failure: Error | undefined
  let paused = false
  let wake = (): void => {}

  reader.on('line', line => {
    waiting.push(line)

    if (waiting.length >= MAX_WAITING && !paused && !ended) {
      paused = true
      reader.pause()
    }

    wake()
  })
  // a terminal that is gone, or what cannot be read
  reader.on('error', err => {
    failure ??= err
    ended = true
    wake()
  })
  reader.on('close', () => {
    ended = true
    wake()
  })

  return {
    async * [Symbol.asyncIterator] () {
      for (;;) {
        const line = waiting.shift()

        if (line != null) {
          yield line
        } else if (ended) {
          if (failure != null) {
            throw failure
          }

          return
        } else {
          if (paused) {
            paused = false
            reader.resume()
          }

          await new Promise<void>(resolve => { wake = resolve })
        }
      }
    }
  }
}
