import { InvalidParametersError } from '@libp2p/interface'
import { defaultLogger } from '@libp2p/logger'
import { discoveryKey, publicDiscoveryKey } from '../../discovery/namespace.js'
import { exchange } from '../../exchange/index.js'
import { HonestChannel, LyingLog, LyingServer } from './lying-channel.js'
import { lieOnStream } from './lying-stream.js'
import type { Liar } from './liar.js'
import type { ExchangeLiarKind } from './types.js'
import type { World } from '../simulated-member.js'
import type { PeerId } from '@libp2p/interface'

/** Lies that hang do not keep a liar from telling others. */
const WORKERS = 1_000

const CHANNELS = { log: LyingLog, server: LyingServer, stream: HonestChannel }

/**
 * Lets the others find the liar, and fetch from it. What they are told there is the lie.
 *
 * @returns what it does beside that, now and then
 */
export async function joinExchange (kind: ExchangeLiarKind, liar: Liar, { clock, meeting }: World, { index, peerId, victims }: { index: number, peerId: PeerId, victims: PeerId[] }): Promise<() => Promise<void>> {
  if (meeting == null) {
    throw new InvalidParametersError(`a liar of the kind '${kind}' needs a simulation with exchange`)
  }

  const keys = (await liar.secrets())?.map(secret => discoveryKey(secret)) ?? [publicDiscoveryKey(liar.channelId)]
  const channel = new CHANNELS[kind](liar, keys)
  const host = meeting.connections.host(index, peerId)
  const service = exchange({ reconcileIntervalMs: 0, workers: WORKERS, clock, random: liar.random })({ peerId, registrar: host, connectionManager: host, logger: defaultLogger() })

  await service.start()
  service.join(channel)
  meeting.discovery(host).join({ channelId: liar.channelId, keys })

  return async () => {
    if (kind === 'stream') {
      await lieOnStream(liar, host, liar.random.pick(victims), channel)
    }
  }
}
