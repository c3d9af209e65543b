import type { Observation } from '../../../src/testing/history.js'

type Details = Observation extends infer O ? O extends Observation ? Omit<O, 'at' | 'member' | 'life' | 'channelId'> & { channelId?: string } : never : never

/** A history told by hand. A message is its own ID, payload hash and request ID. */
export class ToldHistory {
  readonly history: Observation[] = []
  private at = 0
  private calls = 0
  private readonly lives = new Map<number, number>()

  constructor (members: number) {
    for (let member = 0; member < members; member++) {
      this.open(member)
    }
  }

  tell (member: number, details: Details): this {
    this.at += 10
    this.history.push({ at: this.at, member, life: this.lives.get(member) ?? 1, channelId: 'cats', ...details })

    return this
  }

  pass (ms: number): this {
    this.at += ms

    return this
  }

  /** `whole`: it fetches all of the past */
  open (member: number, whole = false): this {
    return this.tell(member, { type: 'opened', first: true, senderId: `member-${member}`, since: this.at + 10, wall: this.at + 10, whole })
  }

  /** `send()` that resolved; `sent` follows unless `outcome` says something else. */
  send (member: number, message: string, options: { ephemeral?: boolean, outcome?: 'sent' | 'send-error' | 'none' } = {}): this {
    const call = this.calls++
    const { outcome = 'sent', ephemeral = false } = options

    this.tell(member, { type: 'send', call, hash: message, size: 1, ephemeral, wall: this.at + 10 })
      .tell(member, { type: 'queued', requestId: message, messageId: message })
      .tell(member, { type: 'staged', call, requestId: message })

    return outcome === 'none' ? this : this.tell(member, { type: outcome, requestId: message, messageId: message })
  }

  receive (member: number, message: string, sender: number, options: { hash?: string, late?: boolean, ephemeral?: boolean } = {}): this {
    return this.tell(member, { type: 'received', messageId: message, senderId: `member-${sender}`, hash: message, size: 1, ephemeral: false, own: false, late: false, ...options })
  }

  lose (member: number, message: string): this {
    return this.tell(member, { type: 'lost', messageId: message, citedBy: 'another' })
  }

  receipt (member: number, message: string, from: number): this {
    return this.tell(member, { type: 'receipt', requestId: message, messageId: message, senderId: `member-${from}` })
  }

  crash (member: number): this {
    this.tell(member, { type: 'crashed' })
    this.lives.set(member, (this.lives.get(member) ?? 1) + 1)

    return this
  }

  /** `lines`: message and sender, as in 'm1:0' */
  log (member: number, lines: string[], final = true): this {
    return this.tell(member, {
      type: 'log',
      final,
      lines: lines.map(line => {
        const [messageId, sender] = line.split(':')

        return { messageId, senderId: `member-${sender}`, hash: messageId }
      })
    })
  }
}
