import type { Clock } from '../clock.js'
import type { PeerId } from '@libp2p/interface'

const POLL_MS = 5

/** A stream that took nothing for so long holds up nobody any more. */
const STALL_MS = 2000

/** The part of a gossipsub instance that tells what it has not yet written, private in its types. */
interface OutboundStreams {
  streamsOutbound?: Map<string, { rawStream?: RawStream }>
}

interface RawStream {
  writeBufferLength?: number
}

/**
 * Gossipsub writes into its streams' buffers without end. This waits, before more is published,
 * until the buffers of those who would get it are below a limit.
 */
export class OutboundBacklog {
  readonly #pubsub: OutboundStreams
  readonly #clock: Clock
  readonly #maxBytes: number
  readonly #stalled = new WeakSet<RawStream>()

  constructor (pubsub: object, clock: Clock, maxBytes: number) {
    this.#pubsub = pubsub
    this.#clock = clock
    this.#maxBytes = maxBytes
  }

  /** Resolves when all of `peers` can take more, those left out that have stalled. */
  async ready (peers: PeerId[], signal: AbortSignal): Promise<void> {
    let full = this.#full(peers)

    while (full.size > 0 && !signal.aborted) {
      const since = this.#clock.now()
      const before = full

      do {
        await new Promise<void>(resolve => { this.#clock.setTimer(resolve, POLL_MS) })
        full = this.#full(peers)
      } while (!signal.aborted && full.size > 0 && this.#clock.now() - since < STALL_MS)

      for (const [stream, bytes] of full) {
        if (bytes >= (before.get(stream) ?? Infinity)) {
          this.#stalled.add(stream)
        }
      }

      full = this.#full(peers)
    }
  }

  /** The streams over the limit, with their unwritten bytes. */
  #full (peers: PeerId[]): Map<RawStream, number> {
    const full = new Map<RawStream, number>()

    for (const peer of peers) {
      const stream = this.#pubsub.streamsOutbound?.get(peer.toString())?.rawStream
      const bytes = stream?.writeBufferLength ?? 0

      if (stream == null) {
        continue
      }

      if (bytes <= this.#maxBytes) {
        this.#stalled.delete(stream)
      } else if (!this.#stalled.has(stream)) {
        full.set(stream, bytes)
      }
    }

    return full
  }
}
