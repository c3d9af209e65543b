import type { NetworkConditions } from '../network-conditions.js'
import type { SeededRandom } from '../seeded-random.js'
import type { Clock } from '../../clock.js'

/** Wait before what was lost is sent again, in ms; it doubles. */
export const RETRY_MS = 200

/** How often something is sent again before the connection is given up: after about 13 s. */
export const MAX_RETRIES = 6

/** Bytes that may be under way, or wait for a reader that pauses. */
const WINDOW_BYTES = 256 * 1024

/** Bytes that a connection carries in a ms. */
const BYTES_PER_MS = 2_000

interface Packet {
  bytes: number
  deliver (): void
  arrived: boolean
}

export interface PipeInit {
  clock: Clock
  random: SeededRandom
  conditions: NetworkConditions
  /** whether both ends are there, and reach each other now */
  isOpen (): boolean
  /** something was lost again and again */
  onBroken (): void
  /** there is room again after {@link Pipe.full} */
  onDrain (): void
}

/** One direction of a connection: everything arrives once and in order, late when it was lost, or nothing any more. */
export class Pipe {
  private readonly init: PipeInit
  private readonly packets: Packet[] = []
  private bytes = 0
  private freeAt = 0
  private wasFull = false
  private paused = false
  private ended = false

  constructor (init: PipeInit) {
    this.init = init
  }

  get full (): boolean {
    return this.bytes >= WINDOW_BYTES
  }

  send (bytes: number, deliver: () => void): void {
    if (this.ended) {
      return
    }

    const { clock } = this.init
    const now = clock.now()
    const packet: Packet = { bytes, deliver, arrived: false }

    this.packets.push(packet)
    this.bytes += bytes
    this.wasFull ||= this.full
    this.freeAt = Math.max(this.freeAt, now) + bytes / BYTES_PER_MS
    this.attempt(packet, this.freeAt - now, 0)
  }

  /** The reader takes nothing for now. */
  pause (): void {
    this.paused = true
  }

  resume (): void {
    this.paused = false
    this.flush()
  }

  /** What is under way is gone. */
  end (): void {
    this.ended = true
    this.packets.length = 0
  }

  private attempt (packet: Packet, wait: number, retries: number): void {
    const { clock, random, conditions, isOpen } = this.init
    const { delay: [least, most], loss } = conditions
    const lost = !isOpen() || random.chance(loss)

    clock.setTimer(() => {
      if (this.ended) {
        return
      }

      if (!lost && isOpen()) {
        packet.arrived = true
        this.flush()
      } else if (retries < MAX_RETRIES) {
        this.attempt(packet, RETRY_MS * 2 ** retries, retries + 1)
      } else {
        this.init.onBroken()
      }
    }, wait + least + random.integer(most - least + 1))
  }

  private flush (): void {
    while (this.packets[0]?.arrived && !this.paused) {
      const [packet] = this.packets.splice(0, 1)

      this.bytes -= packet.bytes
      packet.deliver()
    }

    if (this.wasFull && this.bytes <= WINDOW_BYTES / 2) {
      this.wasFull = false
      this.init.clock.setTimer(() => { this.ended || this.init.onDrain() }, this.init.conditions.delay[0])
    }
  }
}
