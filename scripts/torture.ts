/**
 * `npm run torture -- [--seeds N] [--minutes M] [--first S] [--scenario NAME]` runs the campaign of
 * simulations with other seeds than the ones that the suite covers, on every core, until one of
 * the two limits is reached. Each seed that fails is printed with its trace.
 */
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { EXCHANGE_SCENARIOS, LARGE_SCENARIOS, scenarioOf, SCENARIOS, simulate } from 'holdfast/testing'

const ALL = { ...SCENARIOS, ...EXCHANGE_SCENARIOS, ...LARGE_SCENARIOS }

/** Shared by the workers: each takes the next seed when it is done with one. */
interface Job {
  /** one Int32: the next seed */
  next: SharedArrayBuffer
  end: number
  /** unix time in ms */
  deadline: number
  scenario: string
}

/** What a seed came to. */
interface Result {
  seed: number
  name: string
  failure?: string
  sums: Record<string, number>
}

if (isMainThread) {
  await campaign()
} else {
  await work(workerData as Job)
}

async function campaign (): Promise<void> {
  const { values } = parseArgs({
    options: {
      seeds: { type: 'string', default: '1000' },
      minutes: { type: 'string', default: '10' },
      // the suite runs 1 to 200
      first: { type: 'string', default: '201' },
      scenario: { type: 'string', default: '' }
    }
  })
  const [seeds, minutes, first] = [whole('seeds', values.seeds), whole('minutes', values.minutes), whole('first', values.first)]

  if (values.scenario !== '' && !(values.scenario in ALL)) {
    console.error(`--scenario is one of: ${Object.keys(ALL).join(', ')}`)
    process.exit(2)
  }

  const start = Date.now()
  const failed = new Set<number>()
  const sums: Record<string, number> = {}
  let done = 0

  const onResult = ({ seed, name, failure, sums: added }: Result): void => {
    for (const [key, value] of Object.entries(added)) {
      sums[key] = (sums[key] ?? 0) + value
    }

    if (failure != null) {
      failed.add(seed)
      console.log(`${seed} ${name}: FAILED\n${failure}`)
    }

    if (++done % 100 === 0) {
      console.log(`${done} seeds, ${failed.size} failed, ${seconds(start)} s`)
    }
  }

  const job: Job = { next: new SharedArrayBuffer(4), end: first + seeds, deadline: start + minutes * 60_000, scenario: values.scenario }

  new Int32Array(job.next)[0] = first

  await Promise.all(Array.from({ length: availableParallelism() }, async () => {
    const worker = new Worker(new URL(import.meta.url), { workerData: job })

    worker.on('message', onResult)
    await new Promise<void>((resolve, reject) => {
      worker.on('error', reject)
      worker.on('exit', () => { resolve() })
    })
  }))

  console.log(`torture: ${done} seeds from ${first}, ${failed.size} failed${failed.size > 0 ? ` (${[...failed].join(', ')})` : ''}, ${seconds(start)} s`)
  console.log(Object.entries(sums).map(([key, value]) => `${value.toLocaleString('en')} ${key}`).join(', '))
  process.exitCode = failed.size > 0 || done === 0 ? 1 : 0
}

async function work ({ next, end, deadline, scenario }: Job): Promise<void> {
  const rejections: unknown[] = []
  const take = (): number => Atomics.add(new Int32Array(next), 0, 1)

  process.on('unhandledRejection', reason => { rejections.push(reason) })

  for (let seed = take(); seed < end && Date.now() < deadline; seed = take()) {
    const { name, init } = scenario === '' ? scenarioOf(seed) : { name: scenario, init: ALL[scenario](seed) }
    const result: Result = { seed, name, sums: {} }

    try {
      const { durationMs, sent, received, lost, network } = await simulate(init)

      result.sums = { 'virtual hours': durationMs / 3_600_000, 'messages sent': sent, 'envelopes delivered': network.deliveries, 'messages received': received, 'reported lost': lost }
    } catch (err) {
      rejections.unshift(err)
    }

    if (rejections.length > 0) {
      result.failure = rejections.splice(0).map(reason => reason instanceof Error ? reason.stack : String(reason)).join('\n')
    }

    parentPort?.postMessage(result)
  }
}

function seconds (start: number): number {
  return Math.round((Date.now() - start) / 1_000)
}

function whole (option: string, value: string): number {
  if (!/^[1-9][0-9]{0,8}$/.test(value)) {
    console.error(`--${option} takes a whole number above 0, not ${value}`)
    process.exit(2)
  }

  return Number(value)
}
