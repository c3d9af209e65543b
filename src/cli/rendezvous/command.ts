import { systemClock } from '../../clock.js'
import { parseAddresses } from '../points.js'
import { logEvents } from './event-log.js'
import { serveMetrics } from './metrics-server.js'
import { startPoint } from './point.js'
import { PrometheusMetrics } from './prometheus.js'
import type { CliIo } from '../io.js'

const DEFAULT_LISTEN = ['/ip4/0.0.0.0/tcp/8710']

export interface RendezvousOptions {
  data?: string
  listen: string[]
  announce: string[]
  maxRegistrations?: number
  /** port on loopback */
  metrics?: number
  verbose: boolean
}

/** Runs a rendezvous point until the process is asked to end. */
export async function rendezvous (options: RendezvousOptions, io: CliIo): Promise<number> {
  const print = (line: string): void => { io.stdout.write(`${line}\n`) }
  const listen = parseAddresses('listen', options.listen).map(String)
  const announce = parseAddresses('announce', options.announce).map(String)
  const metrics = options.metrics == null ? undefined : new PrometheusMetrics()
  const server = metrics == null ? undefined : await serveMetrics(metrics, options.metrics ?? 0)

  try {
    const { data, maxRegistrations } = options
    const point = await startPoint({ data, listen: listen.length === 0 ? DEFAULT_LISTEN : listen, announce, maxRegistrations, metrics })

    try {
      if (options.verbose) {
        logEvents(point.libp2p.services.rendezvous, systemClock, print)
      }

      point.libp2p.getMultiaddrs().forEach(address => { print(`listening ${address.toString()}`) })

      if (server != null) {
        print(`metrics ${server.url}`)
      }

      await aborted(io.signal)
    } finally {
      await point.stop()
    }
  } finally {
    await server?.close()
  }

  print('stopped')

  return 0
}

async function aborted (signal: AbortSignal): Promise<void> {
  if (!signal.aborted) {
    await new Promise(resolve => { signal.addEventListener('abort', resolve, { once: true }) })
  }
}
