import { InvalidParametersError } from '@libp2p/interface'
import { GossipsubConfigError } from '../messaging/index.js'
import type { NodeServices, ServiceFactories } from './services.js'
import type { Libp2p, PrivateKey, Startable } from '@libp2p/interface'

/** What we add to a libp2p that has no such service, in the order of starting. */
const ADDED = ['rendezvous', 'rendezvousPoint', 'discovery', 'exchange', 'channels'] as const

/** What a libp2p instance made by `createLibp2p()` has besides its interface. */
interface WithComponents {
  components?: { privateKey: PrivateKey } & Record<string, unknown>
}

/**
 * Adds our services to a libp2p that belongs to somebody else. Those that it has are used as
 * they are, and only what was added is started and stopped.
 *
 * @throws {GossipsubConfigError} it has no gossipsub
 * @throws {InvalidParametersError} it was not made by `createLibp2p()`
 */
export function adoptLibp2p (libp2p: Libp2p, factories: ServiceFactories): { libp2p: Libp2p, privateKey: PrivateKey, services: NodeServices, start (): Promise<void>, stop (): Promise<void> } {
  const { components } = libp2p as WithComponents
  const services = { ...libp2p.services } as NodeServices

  if (services.pubsub == null) {
    throw new GossipsubConfigError('the given libp2p has no service named pubsub: add pubsub: gossipsub(gossipsubOptions())')
  }

  if (components == null) {
    throw new InvalidParametersError('the given libp2p was not made by createLibp2p(): give its options instead')
  }

  const added: Array<Startable & { afterStart? (): void | Promise<void>, beforeStop? (): void | Promise<void> }> = []

  for (const name of ADDED) {
    const factory = factories[name]

    if (services[name] == null && factory != null) {
      const service = factory(siblings(components, services) as never) as Startable

      Object.assign(services, { [name]: service })
      added.push(service)
    }
  }

  return {
    libp2p,
    privateKey: components.privateKey,
    services,
    start: async () => {
      for (const service of added) {
        await service.start()
      }

      for (const service of added) {
        await service.afterStart?.()
      }
    },
    stop: async () => {
      for (const service of [...added].reverse()) {
        await service.beforeStop?.()
      }

      for (const service of [...added].reverse()) {
        await service.stop()
      }
    }
  }
}

/** The components of the instance, with our services beside them. */
function siblings (components: Record<string, unknown>, services: NodeServices): Record<string, unknown> {
  return new Proxy(components, {
    get: (target, name) => (typeof name === 'string' ? services[name] : undefined) ?? Reflect.get(target, name)
  })
}
