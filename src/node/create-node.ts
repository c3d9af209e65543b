import { noise } from '@libp2p/noise'
import { yamux } from '@libp2p/yamux'
import { MemoryDatastore } from 'datastore-core'
import { createLibp2p } from 'libp2p'
import { openDatastore } from '../storage/index.js'
import { adoptLibp2p } from './adopt-libp2p.js'
import { verifyNodeInit } from './config.js'
import { UnsupportedRuntimeError } from './errors.js'
import { storedIdentity } from './identity.js'
import { serviceFactories } from './services.js'
import { DEFAULT_LISTEN, PLATFORM_OPTIONS } from './transports.js'
import type { NodeServices } from './services.js'
import type { HoldfastNode, NodeInit } from './types.js'
import type { OpenedDatastore } from '../storage/index.js'
import type { Libp2p, PrivateKey } from '@libp2p/interface'
import type { Datastore } from 'interface-datastore'
import type { Libp2pOptions } from 'libp2p'

/** A connection that pushes in more than this a second from one host is refused: peers behind one address are common. */
const INBOUND_CONNECTIONS_PER_SECOND = 100

/** What drives a node: a libp2p of our own, or what was added to somebody else's. */
interface Driver {
  libp2p: Libp2p
  privateKey: PrivateKey
  services: NodeServices
  start (): Promise<void>
  stop (): Promise<void>
}

/**
 * Puts everything together: libp2p with gossipsub, rendezvous, discovery, exchange and channels,
 * on one storage. With no options it gives a working node. It is started unless `start` is false.
 *
 * @throws {StoreLockedError} the storage is in use
 * @throws {StoreCorruptError} the storage cannot be read
 * @throws {GossipsubConfigError} the gossipsub of the given libp2p does not fit
 * @throws {UnsupportedRuntimeError} Node.js or the browser is too old
 * @throws {InvalidParametersError}
 */
export async function createNode (init: NodeInit = {}): Promise<HoldfastNode> {
  // libp2p would fail with a TypeError somewhere in its middle
  if (typeof Promise.withResolvers !== 'function') {
    throw new UnsupportedRuntimeError('holdfast needs Node.js 22 or newer, or a browser with Promise.withResolvers()')
  }

  verifyNodeInit(init)

  const storage = await openStorage(init.storage)

  try {
    const driver = isLibp2p(init.libp2p)
      ? adoptLibp2p(init.libp2p, serviceFactories(init, storage.datastore))
      : await ownLibp2p(init, init.libp2p, storage.datastore)
    const node = new Node(driver, storage)

    if (init.start !== false) {
      await node.start()
    }

    return node
  } catch (err) {
    await storage.discard()

    throw err
  }
}

async function ownLibp2p (init: NodeInit, options: Libp2pOptions = {}, datastore: Datastore): Promise<Driver> {
  const privateKey = init.privateKey ?? options.privateKey ?? await storedIdentity(datastore)
  const libp2p = await createLibp2p<NodeServices>({
    ...PLATFORM_OPTIONS,
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    datastore,
    ...options,
    privateKey,
    addresses: { listen: DEFAULT_LISTEN, ...options.addresses, ...(init.listen == null ? {} : { listen: init.listen }) },
    connectionManager: { inboundConnectionThreshold: INBOUND_CONNECTIONS_PER_SECOND, ...options.connectionManager },
    services: { ...serviceFactories(init, datastore), ...options.services } as NonNullable<Libp2pOptions<NodeServices>['services']>,
    start: false
  })

  return {
    libp2p,
    privateKey,
    services: libp2p.services,
    start: async () => { await libp2p.start() },
    stop: async () => { await libp2p.stop() }
  }
}

class Node implements HoldfastNode {
  private readonly driver: Driver
  private readonly storage: OpenedStorage
  private turn: Promise<void> = Promise.resolve()
  private started = false

  constructor (driver: Driver, storage: OpenedStorage) {
    this.driver = driver
    this.storage = storage
  }

  get libp2p (): Libp2p { return this.driver.libp2p }
  get privateKey (): PrivateKey { return this.driver.privateKey }
  get channels (): NodeServices['channels'] { return this.driver.services.channels }
  get discovery (): NodeServices['discovery'] { return this.driver.services.discovery }
  get exchange (): NodeServices['exchange'] { return this.driver.services.exchange }
  get rendezvous (): NodeServices['rendezvous'] { return this.driver.services.rendezvous }
  get rendezvousPoint (): NodeServices['rendezvousPoint'] { return this.driver.services.rendezvousPoint }

  async start (): Promise<void> {
    await this.inTurn(async () => {
      if (!this.started) {
        await this.storage.open()

        try {
          await this.driver.start()
        } catch (err) {
          // what did start must not outlive the failure
          await Promise.resolve(this.driver.stop()).catch(() => {})
          await this.storage.close()

          throw err
        }

        this.started = true
      }
    })
  }

  async stop (): Promise<void> {
    await this.inTurn(async () => {
      this.started = false
      await this.driver.stop()
      await this.storage.close()
    })
  }

  async [Symbol.asyncDispose] (): Promise<void> {
    await this.stop()
  }

  private async inTurn (job: () => Promise<void>): Promise<void> {
    this.turn = this.turn.catch(() => {}).then(job)
    await this.turn
  }
}

/** A storage that can be opened again after it was closed. */
interface OpenedStorage extends OpenedDatastore {
  open (): Promise<void>
}

async function openStorage (storage: NodeInit['storage']): Promise<OpenedStorage> {
  if (typeof storage !== 'string') {
    return { datastore: storage ?? new MemoryDatastore(), open: async () => {}, close: async () => {}, discard: async () => {} }
  }

  return await openDatastore(storage)
}

function isLibp2p (libp2p: NodeInit['libp2p']): libp2p is Libp2p {
  return typeof (libp2p as Libp2p | undefined)?.dialProtocol === 'function'
}
