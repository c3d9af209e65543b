/**
 * `npm run torture -- [--seeds N] [--minutes M] [--first S]` runs the simulation with other seeds
 * than the ones that the suite covers, until one of the two limits is reached. Each seed that
 * fails is printed with its trace.
 */
import { parseArgs } from 'node:util'
import { scenarioOf, simulate } from 'holdfast/testing'

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1000' },
    minutes: { type: 'string', default: '10' },
    // the suite runs 1 to 200
    first: { type: 'string', default: '201' }
  }
})

const first = whole('first')
const end = first + whole('seeds')
const start = Date.now()
const deadline = start + whole('minutes') * 60_000
const failed: number[] = []
let seed = first

for (; seed < end && Date.now() < deadline; seed++) {
  const { name, init } = scenarioOf(seed)

  try {
    const { sent, received, lost } = await simulate(init)
    console.log(`${seed} ${name}: ${sent} sent, ${received} received, ${lost} lost`)
  } catch (err) {
    failed.push(seed)
    console.log(`${seed} ${name}: FAILED`)
    console.error(err)
  }
}

console.log(`torture: ${seed - first} seeds, ${failed.length} failed${failed.length > 0 ? ` (${failed.join(', ')})` : ''}, ${Math.round((Date.now() - start) / 1000)} s`)
process.exitCode = failed.length > 0 || seed === first ? 1 : 0

function whole (option: keyof typeof values): number {
  const value = values[option]

  if (!/^[1-9][0-9]{0,8}$/.test(value)) {
    console.error(`--${option} takes a whole number above 0, not ${value}`)
    process.exit(2)
  }

  return Number(value)
}
