import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import { defaultLogger } from '@libp2p/logger'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { createConfig, DiscoveryEngine, sealRecord } from '../../src/discovery/index.js'
import { seededRandom } from '../../src/testing/seeded-random.js'
import { SimulatedClock } from '../../src/testing/simulated-clock.js'
import { SimulatedNetwork } from './simulated-network.js'
import type { SimulatedHost } from './simulated-network.js'
import type { DiscoveryOptions } from '../../src/discovery/index.js'
import type { PeerId, PrivateKey } from '@libp2p/interface'
import type { Datastore } from 'interface-datastore'

export interface TestKey {
  peer: PeerId
  key: PrivateKey
}

/** The same peer for the same number, everywhere. */
export async function testKey (n: number): Promise<TestKey> {
  const seed = new Uint8Array(32)
  new DataView(seed.buffer).setUint32(0, n + 1)
  const key = await generateKeyPairFromSeed('Ed25519', seed)

  return { key, peer: peerIdFromPrivateKey(key) }
}

export interface Member {
  host: SimulatedHost
  engine: DiscoveryEngine
  peer: PeerId
}

/** Nodes with discovery on a simulated network. */
export class World {
  readonly clock = new SimulatedClock()
  readonly network = new SimulatedNetwork({ clock: this.clock, seal: sealRecord })
  readonly members: Member[] = []
  private readonly seed: string
  private count = 0

  constructor (seed: string | number) {
    this.seed = String(seed)
  }

  async add (options: DiscoveryOptions & { datastore?: Datastore, n?: number } = {}): Promise<Member> {
    const n = options.n ?? this.count
    this.count++
    const { peer, key } = await testKey(n)
    const host = this.network.add(peer, key)
    const engine = this.engine(host, options)
    const member = { host, engine, peer }
    this.members.push(member)

    return member
  }

  /** A new life of a node. */
  engine (host: SimulatedHost, { datastore, ...options }: DiscoveryOptions & { datastore?: Datastore } = {}): DiscoveryEngine {
    const engine = new DiscoveryEngine({
      network: host,
      datastore,
      log: defaultLogger().forComponent('test'),
      config: createConfig({ clock: this.clock, random: seededRandom(`${this.seed}/${host.self.toString()}`), ...options })
    })
    host.engine = engine

    return engine
  }

  /** `a` knows where `b` is. */
  async introduce (a: Member, b: Member): Promise<void> {
    await a.engine.book.addRecord((await b.host.record()).envelope, 'test')
  }

  async stop (): Promise<void> {
    await Promise.all(this.members.map(async ({ host }) => { await host.engine?.stop() }))
  }
}

/** Runs the clock in steps until it holds, or says that it never did. */
export async function eventually (clock: SimulatedClock, holds: () => boolean, withinMs: number, stepMs = 100): Promise<number> {
  for (let elapsed = 0; elapsed <= withinMs; elapsed += stepMs) {
    if (holds()) {
      return elapsed
    }

    await clock.advance(stepMs)
  }

  throw new Error(`not true within ${withinMs} ms of virtual time`)
}
