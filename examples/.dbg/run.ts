/**
 * The main job, on real input: a rendezvous point and three peers, each a process of its own,
 * talk over loopback. The peers know the point, the channel and a secret, and nothing of each
 * other. One of them is killed while 5 MiB come in, and started again. At the end their logs
 * are compared.
 */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Children } from './children.ts'
import { compareLogs } from './compare.ts'
import { BINARY_BEFORE_LINE, BINARY_SENDER, LINES, makeBinary, sha256, SPEAKERS, VICTIM } from './script.ts'
import type { FromPeer, Report, ToPeer } from './protocol.ts'
import type { ChildProcess } from 'node:child_process'

/** Something hangs: on a quiet machine it takes less than a quarter of this. */
const DEADLINE_MS = 60_000

/** Lines of the conversation between two reports of progress. */
const REPORT_EVERY = 20

const start = performance.now()
const seconds = (): string => ((performance.now() - start) / 1000).toFixed(1)
const say = (text: string): void => { console.log(`[${seconds().padStart(5)} s] ${text}`) }

const folder = mkdtempSync(join(tmpdir(), 'holdfast-demo-'))
const children = new Children()

process.on('exit', () => {
  children.killAll()
  rmSync(folder, { recursive: true, force: true })
})

for (const [signal, code] of [['SIGINT', 130], ['SIGTERM', 143], ['SIGHUP', 129]] as const) {
  process.on(signal, () => { process.exit(code) })
}

setTimeout(() => { fail(`not done after ${DEADLINE_MS / 1000} s`) }, DEADLINE_MS).unref()

function fail (reason: string): never {
  console.log(`demo: failed: ${reason}`)
  process.exit(1)
}

const emitted = new Map<string, string[]>(SPEAKERS.map(name => [name, []]))
const reports = new Map<string, Report>()
const channel = 'tea-party'
const secret = randomBytes(32).toString('hex')
const { child: rendezvous, line } = await children.command(['rendezvous', '--listen', '/ip4/127.0.0.1/tcp/0'])
const point = line.replace('listening ', '')

say(`rendezvous point: process ${rendezvous.pid}, ${point}`)

await new Promise<void>(resolve => {
  let told = 0
  let killed = false

  function startPeer (name: string): void {
    const peer = children.fork(new URL('peer.ts', import.meta.url), ['--point', point, '--channel', channel, '--secret', secret, '--data', join(folder, name), '--name', name])

    say(`${name}: process ${peer.pid}`)
    peer.on('message', (message: FromPeer) => { hear(name, peer, message) })
    peer.on('exit', (code, signal) => {
      if (signal !== 'SIGKILL' && code !== 0) {
        fail(`${name} ended with ${signal ?? code}`)
      }
    })
  }

  function hear (name: string, peer: ChildProcess, message: FromPeer): void {
    switch (message.type) {
      case 'ready':
        say(`${name} is in the channel, ${message.lines} lines in its log`)
        break
      case 'emitted':
        emitted.get(name)?.push(message.messageId)
        break
      case 'lines':
        if (message.lines > told && message.lines % REPORT_EVERY === 1) {
          told = message.lines
          say(`line ${told} of ${LINES.length}, ${LINES[told - 1].speaker}: ${LINES[told - 1].text}`)
        }
        break
      case 'binary':
        if (name === VICTIM && !killed) {
          killed = true
          restart(name, peer, message.percent).catch(err => { fail(String(err)) })
        }
        break
      case 'done':
        say(`${name} has all of it, and all that it sent is delivered`)
        reports.set(name, message.report)

        if (reports.size === SPEAKERS.length) {
          resolve()
        }
        break
      case 'failed':
        fail(`${name}: ${message.reason}`)
    }
  }

  async function restart (name: string, peer: ChildProcess, percent: number): Promise<void> {
    peer.kill('SIGKILL')
    await once(peer, 'exit')
    say(`${name} was killed with SIGKILL when ${percent} % of the binary were there, and is started again`)
    startPeer(name)
  }

  SPEAKERS.forEach(startPeer)
})

const binary = makeBinary()
const { lost, duplicated, violations } = compareLogs({
  lines: LINES,
  binary: { sha256: sha256(binary), size: binary.byteLength, sender: BINARY_SENDER, beforeLine: BINARY_BEFORE_LINE },
  sha256
}, SPEAKERS.map(name => reports.get(name)!), emitted)

violations.forEach(violation => { say(violation) })

const stop: ToPeer = { type: 'stop' }

children.send(stop)
rendezvous.kill('SIGTERM')
await children.ended()

const [{ log }] = reports.values()
const bytes = log.reduce((sum, entry) => sum + entry.size, 0)

process.exitCode = lost + duplicated + violations.length === 0 ? 0 : 1
console.log(`demo: ${reports.size} peers, ${log.length} messages, ${bytes} bytes, ${lost} lost, ${duplicated} duplicated, ${seconds()} s`)
