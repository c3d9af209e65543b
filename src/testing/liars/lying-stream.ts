import { EXCHANGE_PROTOCOL, MAX_LIST } from '../../exchange/constants.js'
import { OutboundLink } from '../../exchange/link/outbound-link.js'
import { WantType } from '../../exchange/pb/exchange.js'
import type { Liar } from './liar.js'
import type { SimulatedHost } from '../connections/simulated-connections.js'
import type { FrameInput } from '../../exchange/link/frame-input.js'
import type { ExchangeChannel } from '../../exchange/types.js'
import type { PeerId } from '@libp2p/interface'

/** Opens a stream to a member, and says there what no honest peer would. */
export async function lieOnStream (liar: Liar, host: SimulatedHost, peer: PeerId, channel: ExchangeChannel): Promise<void> {
  const { random } = liar
  const stream = await host.openStream(peer, EXCHANGE_PROTOCOL)

  if (random.chance(0.3)) {
    // not even a frame, or one that never ends
    stream.send(random.pick([random.bytes(1 + random.integer(2_000)), Uint8Array.of(0xff, 0xff, 0xff, 0xff, 1), Uint8Array.of(0x80, 0x40, 1, 2, 3)]))

    return
  }

  const link = new OutboundLink(stream, { self: host.peerId, peer, random, onClose: () => {} })
  const session = await link.open(channel, { onFrame: () => {}, onClose: () => {} })

  for (let i = 0; i < 3 + random.integer(10); i++) {
    session.send(oddFrame(liar))
  }

  random.chance(0.5) && link.close()
}

function oddFrame (liar: Liar): FrameInput {
  const { random } = liar
  const id = random.integer(2 ** 32)
  const odd = (): number => random.pick([0, 1, 2 ** 31, 2 ** 32 - 1, id])
  const place = (): { lamportTimestamp: number, messageId: string } => ({ lamportTimestamp: random.pick([0, 1, Number.MAX_SAFE_INTEGER, liar.clock.now()]), messageId: random.pick(['', 'x'.repeat(200), liar.randomId()]) })
  const real = (): string => liar.heard.length > 0 ? random.pick(liar.heard).message.messageId : liar.randomId()

  return random.pick<() => FrameInput>([
    () => ({ deliveries: [{ id: odd(), payload: random.bytes(random.integer(500)), byHash: random.chance(0.5) }] }),
    () => ({ presences: [{ id: odd(), type: random.integer(3) as never }] }),
    () => ({ busy: { retryAfterMs: odd(), ids: [odd()], request: odd() } }),
    () => ({ page: { id: odd(), entries: [], more: true } }),
    () => ({ digest: { id: odd(), parts: [{ count: odd(), fingerprint: random.bytes(16), last: place() }] } }),
    () => ({ receipt: random.bytes(random.integer(200)) }),
    () => ({ hello: { nonce: random.bytes(random.integer(64)) } }),
    () => ({ pageRequest: { id: odd(), after: place(), before: place(), limit: odd() } }),
    () => ({ pageRequest: { id: odd(), limit: 2 ** 32 - 1 } }),
    () => ({ digestRequest: { id: odd(), after: place(), before: place(), parts: odd() } }),
    () => ({
      wantList: {
        full: random.chance(0.2),
        entries: Array.from({ length: random.pick([1, 10, MAX_LIST]) }, () => ({
          id: random.chance(0.5) ? odd() : random.integer(2 ** 32),
          messageId: random.pick([undefined, '', real(), liar.randomId()]),
          hash: random.pick([undefined, random.bytes(32), random.bytes(31)]),
          type: random.pick([WantType.BLOCK, WantType.HAVE]),
          priority: odd(),
          cancel: random.chance(0.2),
          sendDontHave: random.chance(0.5)
        }))
      }
    })
  ])()
}
