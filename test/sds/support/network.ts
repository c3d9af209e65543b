import { Member, START } from './member.js'
import { seededRandom } from './random.js'
import type { Random } from '../../../src/clock.js'
import type { SdsConfig } from '../../../src/sds/index.js'

export interface NetworkInit {
  members: number
  seed: number
  /** probabilities of one delivery */
  loss?: number
  duplication?: number
  /** ms */
  maxDelay?: number
  config?: Partial<SdsConfig>
}

interface Packet {
  at: number
  to: number
  bytes: Uint8Array
}

/** Members on a link that loses, doubles and reorders, under simulated time. */
export class Network {
  readonly members: Member[]
  readonly random: Random
  now = START
  loss: number
  private packets: Packet[] = []
  private readonly init: NetworkInit

  constructor (init: NetworkInit) {
    this.init = init
    this.loss = init.loss ?? 0
    this.random = seededRandom(init.seed)
    this.members = Array.from({ length: init.members }, (_, i) => new Member({
      senderId: `member-${i}`,
      seed: init.seed * 100 + i,
      config: init.config,
      publish: (bytes) => { this.publish(i, bytes) }
    }))
  }

  publish (from: number, bytes: Uint8Array): void {
    for (let to = 0; to < this.members.length; to++) {
      if (to === from) {
        continue
      }

      const copies = this.random.float() < (this.init.duplication ?? 0) ? 2 : 1

      for (let copy = 0; copy < copies; copy++) {
        if (this.random.float() >= this.loss) {
          this.packets.push({ at: this.now + 1 + Math.floor(this.random.float() * (this.init.maxDelay ?? 50)), to, bytes })
        }
      }
    }
  }

  send (from: number, content: string): string {
    this.members[from].now = this.now

    return this.members[from].send(content)[0].messageId
  }

  /** Lets `ms` pass, in steps of what happens next. */
  run (ms: number): void {
    const end = this.now + ms

    for (;;) {
      const next = Math.min(...this.packets.map(({ at }) => at), ...this.members.map(({ sds }) => sds.nextDeadline() ?? Infinity))

      if (next > end) {
        break
      }

      this.now = Math.max(this.now, next)
      this.step()
    }

    this.now = end
    this.members.forEach(member => { member.now = end })
  }

  private step (): void {
    const due = this.packets.filter(({ at }) => at <= this.now)
    this.packets = this.packets.filter(({ at }) => at > this.now)

    for (const member of this.members) {
      member.now = this.now
    }

    for (const { to, bytes } of due) {
      this.members[to].receive(bytes)
    }

    for (const member of this.members) {
      if ((member.sds.nextDeadline() ?? Infinity) <= this.now) {
        member.tick()
      }
    }
  }
}
