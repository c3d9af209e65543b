/**
 * `npm run torture -- --seeds N --minutes M [--first S] [--scenario NAME]` runs the campaign of
 * simulations, on every core, until one of the two limits is reached. It ends with 1 when a
 * guarantee was broken, and prints the seeds and the traces.
 */
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'

interface Job {
  first: number
  last: number
  step: number
  deadline: number
  scenario: string
}

interface Tally {
  seeds: number
  virtualMs: number
  sent: number
  received: number
  lost: number
  deliveries: number
}

const testing = await import(new URL('../dist/src/testing/index.js', import.meta.url).href) as typeof import('../src/testing/index.js')

if (isMainThread) {
  await main()
} else {
  await work(workerData as Job)
}

async function main (): Promise<void> {
  const { values } = parseArgs({
    options: {
      seeds: { type: 'string', default: '1000' },
      minutes: { type: 'string', default: '10' },
      first: { type: 'string', default: '1' },
      scenario: { type: 'string', default: '' }
    }
  })

  for (const option of ['seeds', 'minutes', 'first'] as const) {
    if (!/^[1-9][0-9]{0,8}$/.test(values[option])) {
      console.error(`--${option} takes a whole number above 0, not ${values[option]}`)
      process.exit(2)
    }
  }

  const names = Object.keys({ ...testing.SCENARIOS, ...testing.LARGE_SCENARIOS })

  if (values.scenario !== '' && !names.includes(values.scenario)) {
    console.error(`--scenario is one of: ${names.join(', ')}`)
    process.exit(2)
  }

  const started = performance.now()
  const first = Number(values.first)
  const step = availableParallelism()
  const total: Tally = { seeds: 0, virtualMs: 0, sent: 0, received: 0, lost: 0, deliveries: 0 }
  let broken = 0

  await Promise.all(Array.from({ length: step }, async (_, i) => {
    const job: Job = { first: first + i, last: first + Number(values.seeds) - 1, step, deadline: Date.now() + Number(values.minutes) * 60_000, scenario: values.scenario }
    const worker = new Worker(new URL(import.meta.url), { workerData: job })

    await new Promise<void>((resolve, reject) => {
      worker.on('message', (tally: Partial<Tally> & { error?: string }) => {
        if (tally.error != null) {
          broken++
          console.error(tally.error)
        }

        for (const name of Object.keys(total) as Array<keyof Tally>) {
          total[name] += tally[name] ?? 0
        }

        if (total.seeds % 100 === 0) {
          console.log(`${total.seeds} seeds, ${broken} broken, ${Math.round((performance.now() - started) / 1_000)} s`)
        }
      })
      worker.on('error', reject)
      worker.on('exit', () => { resolve() })
    })
  }))

  const days = (total.virtualMs / 86_400_000).toFixed(1)

  console.log(`${total.seeds} seeds from ${first}, ${broken} broken: ${days} virtual days, ${total.sent} messages sent, ${total.deliveries} envelopes delivered, ${total.received} messages received, ${total.lost} reported lost, in ${Math.round((performance.now() - started) / 1_000)} s`)
  process.exitCode = broken > 0 ? 1 : 0
}

async function work ({ first, last, step, deadline, scenario }: Job): Promise<void> {
  let current = ''

  process.on('unhandledRejection', (reason) => {
    parentPort?.postMessage({ error: `${current}: unhandled rejection: ${reason instanceof Error ? reason.stack : String(reason)}` })
  })

  for (let seed = first; seed <= last && Date.now() < deadline; seed += step) {
    const { name, init } = scenario === ''
      ? testing.scenarioOf(seed)
      : { name: scenario, init: { ...testing.SCENARIOS, ...testing.LARGE_SCENARIOS }[scenario](seed) }

    current = `seed ${seed}, ${name}`

    try {
      const { durationMs, sent, received, lost, network: { deliveries } } = await testing.simulate(init)

      parentPort?.postMessage({ seeds: 1, virtualMs: durationMs, sent, received, lost, deliveries })
    } catch (err) {
      parentPort?.postMessage({ seeds: 1, error: `${current}: ${err instanceof Error ? err.stack : String(err)}` })
    }
  }
}
