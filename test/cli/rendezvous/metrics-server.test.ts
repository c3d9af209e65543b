import { expect, it } from 'vitest'
import { serveMetrics } from '../../../src/cli/rendezvous/metrics-server.js'
import { PrometheusMetrics } from '../../../src/cli/rendezvous/prometheus.js'

it('serves one text, on loopback, to those who read it', async () => {
  const metrics = new PrometheusMetrics()
  metrics.registerCounter('requests')
  const server = await serveMetrics(metrics, 0)

  try {
    expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/metrics$/)

    const answer = await fetch(server.url)
    expect([answer.status, answer.headers.get('content-type'), await answer.text()]).toEqual([
      200,
      'text/plain; version=0.0.4; charset=utf-8',
      '# HELP requests requests\n# TYPE requests counter\nrequests 0\n'
    ])

    expect((await fetch(server.url.replace('/metrics', '/'))).status).toBe(404)
    expect((await fetch(server.url, { method: 'POST' })).status).toBe(405)

    metrics.registerMetric('broken', { calculate: () => { throw new Error('no number') } })
    expect((await fetch(server.url)).status).toBe(500)
    await expect(serveMetrics(metrics, Number(new URL(server.url).port))).rejects.toMatchObject({ name: 'CliError' })
  } finally {
    await server.close()
  }

  await expect(fetch(server.url)).rejects.toThrow()
})
