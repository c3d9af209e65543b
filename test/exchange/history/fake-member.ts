import { cut, countRange } from '../../../src/exchange/history/parts.js'
import { FakeChannel } from '../fake-channel.js'
import type { HistoryMember } from '../../../src/exchange/history/history.js'
import type { Range } from '../../../src/exchange/history/parts.js'
import type { RemoteDigest, RemotePage } from '../../../src/exchange/history/remote.js'
import type { PeerId } from '@libp2p/interface'

export const pause = async (): Promise<void> => {}

/** A member that answers from a log, honestly unless a test changes how. */
export class FakeMember implements HistoryMember {
  readonly peer: PeerId
  readonly channel: FakeChannel
  pages = 0
  digests = 0

  constructor (peer: PeerId, channel = new FakeChannel()) {
    this.peer = peer
    this.channel = channel
  }

  async page (range: Range, limit: number): Promise<RemotePage> {
    this.pages++
    const entries = this.channel.entries({ ...range, limit: limit + 1, reverse: true })
    const [oldest] = this.channel.entries({ limit: 1 })

    return { entries: entries.slice(0, limit), more: entries.length > limit, horizon: oldest }
  }

  async digest (range: Range, parts: number): Promise<RemoteDigest> {
    this.digests++
    const count = await countRange(this.channel, range, Infinity, pause)
    const [oldest] = this.channel.entries({ limit: 1 })

    return { parts: await cut(this.channel, range, count, parts, pause), horizon: oldest }
  }
}
