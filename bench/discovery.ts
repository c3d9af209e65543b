/**
 * How long, and how many bytes, until every one of 100, and of 1 000, members of a channel knows
 * at least 8 others: with 1 and 3 rendezvous points, and with none but a single bootstrap peer.
 *
 * The members are whole discovery engines in one process, over a network in memory with 20 ms of
 * latency each way and in virtual time; they start within the same 10 s. Signatures are real, but
 * each is checked once for all members: half a million checks would tell nothing of either figure.
 *
 * Usage: npm run build && node bench/discovery.ts [members...]
 */
import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import { defaultLogger } from '@libp2p/logger'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { RecordEnvelope } from '@libp2p/peer-record'
import { createConfig, DiscoveryEngine, publicDiscoveryKey, sealRecord } from '../dist/src/discovery/index.js'
import { seededRandom } from '../dist/src/testing/seeded-random.js'
import { SimulatedClock } from '../dist/src/testing/simulated-clock.js'
import { SimulatedNetwork, SimulatedPoints } from '../test/discovery/simulated-network.ts'
import type { SimulatedHost } from '../test/discovery/simulated-network.ts'
import type { PeerId, PrivateKey } from '@libp2p/interface'

const WANTED = 8
const START_MS = 10_000
const STEP_MS = 100
const LIMIT_MS = 30 * 60_000

interface Outcome {
  medianMs: number
  lastMs: number
  sessions: number
  sessionBytes: number
  pointBytes: number
  requests: number
}

async function keyOf (n: number): Promise<{ peer: PeerId, key: PrivateKey }> {
  const seed = new Uint8Array(32)
  new DataView(seed.buffer).setUint32(0, n + 1)
  const key = await generateKeyPairFromSeed('Ed25519', seed)

  return { key, peer: peerIdFromPrivateKey(key) }
}

const checked = new Map<string, Promise<boolean>>()
const validate = RecordEnvelope.prototype.validate

RecordEnvelope.prototype.validate = async function (domain, options) {
  const signature = Buffer.from(this.signature).toString('base64')
  const verdict = checked.get(signature) ?? validate.call(this, domain, options)
  checked.set(signature, verdict)

  return await verdict
}

async function run (members: number, pointCount: number): Promise<Outcome> {
  const clock = new SimulatedClock()
  const random = seededRandom(`${members}/${pointCount}`)
  const network = new SimulatedNetwork({ clock, seal: sealRecord })
  const points = new SimulatedPoints(await Promise.all(Array.from({ length: pointCount }, async (_, i) => (await keyOf(1_000_000 + i)).peer)))
  const known: number[] = []
  const engines: DiscoveryEngine[] = []
  let bootstrap: SimulatedHost | undefined

  for (let i = 0; i < members; i++) {
    const { peer, key } = await keyOf(i)
    const host = network.add(peer, key)
    const engine = new DiscoveryEngine({
      network: host,
      log: defaultLogger().forComponent('bench'),
      config: createConfig({ clock, random: seededRandom(`${members}/${pointCount}/${i}`) })
    })
    host.engine = engine
    engines.push(engine)
    bootstrap ??= host

    const first = bootstrap
    const startsIn = random.float() * START_MS

    if (pointCount === 0 && host !== first) {
      await host.remember(await first.record())
    }

    clock.setTimer(() => {
      const startedAt = clock.now()
      const membership = engine.join({ channelId: 'bench', keys: [publicDiscoveryKey('bench')] })
      const stop = membership.onChange(() => {
        if (membership.peers().length >= WANTED) {
          known.push(clock.now() - startedAt)
          stop()
        }
      })

      void engine.start(pointCount === 0 ? undefined : points.client(host), pointCount === 0 && host !== first ? [first.self] : [])
    }, startsIn)
  }

  for (let elapsed = 0; known.length < members; elapsed += STEP_MS) {
    if (elapsed > LIMIT_MS) {
      throw new Error(`only ${known.length} of ${members} know ${WANTED} others after ${LIMIT_MS / 1000} s`)
    }

    await clock.advance(STEP_MS)
  }

  known.sort((a, b) => a - b)
  const outcome = {
    medianMs: known[members >> 1],
    lastMs: known[members - 1],
    sessions: engines.reduce((sum, { stats }) => sum + stats.sessionsSucceeded, 0) / 2,
    sessionBytes: network.bytes,
    pointBytes: points.bytes,
    requests: points.requests
  }

  await Promise.all(engines.map(async engine => { await engine.stop() }))

  return outcome
}

const COLUMNS = ['members', 'points', 'median s', 'last s', 'sessions', 'session KB', 'point KB', 'requests']
const sizes = process.argv.slice(2).map(Number)

console.log('per member, but for the first two columns:\n')
console.log(`| ${COLUMNS.join(' | ')} |`)
console.log(`|${COLUMNS.map(() => ' --- |').join('')}`)

for (const members of sizes.length > 0 ? sizes : [100, 1000]) {
  for (const pointCount of [1, 3, 0]) {
    const { medianMs, lastMs, sessions, sessionBytes, pointBytes, requests } = await run(members, pointCount)
    const row = [
      members,
      pointCount,
      (medianMs / 1000).toFixed(1),
      (lastMs / 1000).toFixed(1),
      (sessions / members).toFixed(1),
      (sessionBytes / members / 1000).toFixed(0),
      (pointBytes / members / 1000).toFixed(0),
      (requests / members).toFixed(1)
    ]

    console.log(`| ${row.join(' | ')} |`)
  }
}
