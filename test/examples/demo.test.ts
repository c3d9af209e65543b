import { readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { beforeAll, expect, it } from 'vitest'
import { compareLogs } from '../../examples/demo/compare.js'
import { LINES, makeBinary, sha256, SPEAKERS } from '../../examples/demo/script.js'
import { ensureBuilt } from '../built.js'
import { startExample } from './run-example.js'
import type { Expected } from '../../examples/demo/compare.js'
import type { Report } from '../../examples/demo/protocol.js'

const LAST_LINE = /^demo: (\d+) peers, (\d+) messages, (\d+) bytes, (\d+) lost, (\d+) duplicated, ([\d.]+) s$/

const temporary = (): string[] => readdirSync(tmpdir()).filter(name => name.startsWith('holdfast-demo-'))

const pids = (output: string): number[] => [...output.matchAll(/process (\d+)/g)].map(([, pid]) => Number(pid))

/** One that has ended and that nobody has waited for is not alive. */
function isAlive (pid: number): boolean {
  try {
    process.kill(pid, 0)

    return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ')
  } catch {
    return false
  }
}

beforeAll(ensureBuilt, 120_000)

it('does the main job, and leaves nothing behind', async () => {
  const before = temporary()
  const { code, stdout, stderr } = await startExample('demo/run.ts').finished
  const [, peers, messages, bytes, lost, duplicated] = LAST_LINE.exec(stdout.trimEnd().split('\n').at(-1) ?? '')?.map(Number) ?? []

  expect(stderr).toBe('')
  expect({ peers, messages, bytes, lost, duplicated }, stdout).toEqual({
    peers: 3,
    messages: LINES.length + 1,
    bytes: LINES.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0) + 5 * 1024 * 1024,
    lost: 0,
    duplicated: 0
  })
  expect(code).toBe(0)
  expect(LINES.length).toBeGreaterThanOrEqual(200)
  expect(stdout).toMatch(/killed with SIGKILL when \d+ % of the binary were there/)
  expect(pids(stdout)).toHaveLength(5)
  expect(pids(stdout).filter(isAlive)).toEqual([])
  expect(temporary()).toEqual(before)
}, 130_000)

it('leaves nothing behind when it is interrupted', async () => {
  const before = temporary()
  const { child, finished } = startExample('demo/run.ts')

  // all of its processes are there
  await new Promise<void>(resolve => {
    let seen = ''

    child.stdout?.on('data', chunk => {
      seen += String(chunk)

      if (pids(seen).length === 4) {
        resolve()
      }
    })
  })
  child.kill('SIGINT')

  const { code, stdout } = await finished

  expect(code).toBe(130)
  expect(pids(stdout).filter(isAlive)).toEqual([])
  expect(temporary()).toEqual(before)
}, 60_000)

/** What three peers report when everything held: two lines, then the binary, then one more line. */
function good (): { expected: Expected, reports: Report[], emitted: Map<string, string[]> } {
  const binary = new Uint8Array(100)
  const lines = [{ speaker: 'Alice', text: 'one' }, { speaker: 'Hatter', text: 'two' }, { speaker: 'Hare', text: 'three' }]
  const said = [['Alice', 'one'], ['Hatter', 'two'], ['Alice', binary], ['Hare', 'three']] as const
  const expected = { lines, binary: { sha256: sha256(binary), size: 100, sender: 'Alice', beforeLine: 2 }, sha256 }
  const reports = SPEAKERS.map(name => ({
    name,
    senderId: `id of ${name}`,
    log: said.map(([speaker, content], i) => ({
      messageId: `m${i}`,
      senderId: `id of ${speaker}`,
      size: content.length,
      sha256: sha256(typeof content === 'string' ? new TextEncoder().encode(content) : content),
      ...(speaker === name ? { state: 'delivered', receipts: SPEAKERS.filter(other => other !== name).map(other => `id of ${other}`) } : {})
    }))
  }))
  const emitted = new Map(SPEAKERS.map(name => [name, said.flatMap(([speaker], i) => speaker === name ? [] : [`m${i}`])]))

  return { expected, reports, emitted }
}

it('accepts logs in which everything held', () => {
  const { expected, reports, emitted } = good()

  expect(compareLogs(expected, reports, emitted)).toEqual({ lost: 0, duplicated: 0, violations: [] })
})

it.each<[string, (tamper: ReturnType<typeof good>) => void, { lost?: number, duplicated?: number, violation?: RegExp }]>([
  ['a message that is missing', ({ reports }) => { reports[1].log.splice(1, 1) }, { lost: 1, violation: /differ/ }],
  ['a message that is there twice', ({ reports }) => { reports[1].log.push(reports[1].log[3]) }, { duplicated: 2, violation: /differ/ }],
  ['the last message missing everywhere', ({ reports }) => { reports.forEach(({ log }) => { log.pop() }) }, { lost: 3, violation: /not the conversation/ }],
  ['a binary that differs', ({ reports }) => { reports.forEach(({ log }) => { log[2].sha256 = sha256(new Uint8Array(99)) }) }, { lost: 3, duplicated: 3, violation: /not the conversation/ }],
  ['another order at one peer', ({ reports }) => { reports[2].log.reverse() }, { violation: /differ/ }],
  ['an answer before what it answers, everywhere', ({ reports }) => { reports.forEach(({ log }) => { log.splice(0, 2, log[1], log[0]) }) }, { violation: /not the conversation/ }],
  ['a line in the name of another', ({ reports }) => { reports.forEach(({ log }) => { log[1].senderId = 'id of Alice' }) }, { lost: 3, duplicated: 3, violation: /not the conversation/ }],
  ['a send that is only sent', ({ reports }) => { reports.forEach(({ log }) => { log.filter(entry => entry.state != null).forEach(entry => { entry.state = 'sent' }) }) }, { violation: /not delivered/ }],
  ['a send that one peer has not acknowledged', ({ reports }) => { reports.forEach(({ log }) => { log.forEach(entry => { entry.receipts = entry.receipts?.slice(1) }) }) }, { violation: /receipts of 1 peers/ }],
  ['a message told twice', ({ emitted }) => { emitted.get('Hare')?.push('m0') }, { duplicated: 1 }],
  ['a message told before what it answers', ({ emitted }) => { emitted.get('Hare')?.reverse() }, { violation: /before one that it answers/ }],
  ['a message told that nobody has', ({ emitted }) => { emitted.get('Hare')?.push('m9') }, { violation: /not in its log/ }]
])('refuses %s', (_, tamper, { lost = 0, duplicated = 0, violation }) => {
  const run = good()

  tamper(run)

  const verdict = compareLogs(run.expected, run.reports, run.emitted)

  expect({ lost: verdict.lost, duplicated: verdict.duplicated }).toEqual({ lost, duplicated })
  expect(verdict.violations.join('\n')).toMatch(violation ?? /./)
})

it('makes the same binary each time', () => {
  const binary = makeBinary()

  expect(binary.byteLength).toBe(5 * 1024 * 1024)
  expect(sha256(binary)).toBe(sha256(makeBinary()))
})
