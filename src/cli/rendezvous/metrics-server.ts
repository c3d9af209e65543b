import { once } from 'node:events'
import { createServer } from 'node:http'
import { CliError, describeError } from '../errors.js'
import type { PrometheusMetrics } from './prometheus.js'
import type { AddressInfo } from 'node:net'

/** Loopback only: the numbers are nobody else's business. */
const HOST = '127.0.0.1'

export interface MetricsServer {
  url: string
  close (): Promise<void>
}

/** @throws {CliError} the port cannot be had */
export async function serveMetrics (metrics: PrometheusMetrics, port: number): Promise<MetricsServer> {
  const server = createServer((request, response) => {
    if (request.url !== '/metrics') {
      response.writeHead(404).end('see /metrics\n')
    } else if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.writeHead(405, { allow: 'GET, HEAD' }).end()
    } else {
      metrics.text().then(text => {
        response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }).end(text)
      }, err => {
        response.writeHead(500).end(`${describeError(err)}\n`)
      })
    }
  })

  try {
    server.listen(port, HOST)
    await once(server, 'listening')
  } catch (err) {
    throw new CliError(`metrics cannot be served on ${HOST}:${port}: ${describeError(err)}`, { cause: err })
  }

  return {
    url: `http://${HOST}:${(server.address() as AddressInfo).port}/metrics`,
    close: async () => {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    }
  }
}
