import { HELD_OVERHEAD_BYTES } from './config.js'
import type { StreamFrame } from './stream-frame.js'
import type { CompleteStream, StreamProgress } from './stream-types.js'

/** Where the bytes of frames are stored, followed by a number. */
export const CONTENT_PREFIX = 'seg/c/'

/** A frame whose bytes are stored. */
export interface HeldFrame {
  /** its keys in storage */
  number: number
  senderId: string
  messageId: string
  /** of the set that carried it */
  hash: Uint8Array
  byteLength: number
}

type Link = Pick<HeldFrame, 'number' | 'messageId' | 'byteLength'> & { hash: string, previous: string }

/** A stream, from its first frame until its message is delivered or given up. */
export class PartialStream {
  readonly key: string
  readonly senderId: string
  readonly streamId: string
  readonly size: number
  readonly count: number
  /** as counted against the bounds */
  bytes = 0
  /** when the last new frame came */
  updated = 0
  complete?: CompleteStream
  private readonly links = new Map<number, Link[]>()
  private received = 0

  constructor (key: string, init: Pick<StreamFrame, 'streamId' | 'size' | 'count'> & { senderId: string }) {
    this.key = key
    this.senderId = init.senderId
    this.streamId = init.streamId
    this.size = init.size
    this.count = init.count
  }

  /** Frames that are held for one place. */
  alternatives (index: number): number {
    return this.links.get(index)?.length ?? 0
  }

  has (index: number, hash: Uint8Array): boolean {
    return this.links.get(index)?.some(link => link.hash === latin1(hash)) === true
  }

  put (frame: HeldFrame & Pick<StreamFrame, 'index' | 'previous'>, now: number): void {
    const { number, messageId, byteLength } = frame
    const link = { number, messageId, byteLength, hash: latin1(frame.hash), previous: latin1(frame.previous ?? new Uint8Array(0)) }
    const others = this.links.get(frame.index)

    if (others == null) {
      this.links.set(frame.index, [link])
      this.received += byteLength
    } else {
      others.push(link)
    }

    this.bytes += byteLength + HELD_OVERHEAD_BYTES
    this.updated = now

    if (this.links.size === this.count) {
      this.complete = this.chain()
    }
  }

  * frames (): Generator<Link> {
    for (const links of this.links.values()) {
      yield * links
    }
  }

  progress (): StreamProgress {
    return { state: 'partial', streamKey: this.key, have: this.links.size, total: this.count, bytes: this.received, totalBytes: this.size }
  }

  /** The stream, if from a last frame each one's predecessor is here: a forged frame in between is in no chain. */
  private chain (): CompleteStream | undefined {
    for (const last of this.links.get(this.count - 1) ?? []) {
      const chain = [last]

      for (let index = this.count - 2; index >= 0; index--) {
        const link = this.links.get(index)?.find(({ hash }) => hash === chain[chain.length - 1].previous)

        if (link == null) {
          break
        }

        chain.push(link)
      }

      if (chain.length === this.count) {
        const frames = chain.reverse().map(({ number, byteLength, messageId }) => ({ contentKey: `${CONTENT_PREFIX}${number}`, byteLength, messageId }))

        return {
          state: 'complete',
          streamKey: this.key,
          streamId: this.streamId,
          senderId: this.senderId,
          messageId: frames[0].messageId,
          size: this.size,
          frames
        }
      }
    }

    return undefined
  }
}

function latin1 (bytes: Uint8Array): string {
  return String.fromCharCode(...bytes)
}
