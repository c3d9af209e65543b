// A canvas peer, point and client, in a process of its own. Commands come over IPC.
import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { RendezvousClient, rendezvousClient } from '@canvas-js/libp2p-rendezvous/client'
import { RendezvousServer, rendezvousServer } from '@canvas-js/libp2p-rendezvous/server'
import { identify } from '@libp2p/identify'
import { tcp } from '@libp2p/tcp'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'

RendezvousServer.protocol = '/rendezvous/1.0.0'
RendezvousClient.protocol = '/rendezvous/1.0.0'

const node = await createLibp2p({
  addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
  transports: [tcp()],
  connectionEncrypters: [noise()],
  streamMuxers: [yamux()],
  connectionManager: { inboundConnectionThreshold: 100 },
  services: {
    identify: identify(),
    client: rendezvousClient({ autoDiscover: false }),
    server: rendezvousServer()
  }
})

const at = async (address, fn) => await node.services.client.connect(multiaddr(address), fn)

const commands = {
  address: () => ({ id: node.peerId.toString(), address: node.getMultiaddrs()[0].toString() }),
  register: async ({ address, namespace, ttl }) => await at(address, async point => await point.register(namespace, { ttl })),
  unregister: async ({ address, namespace }) => { await at(address, async point => { await point.unregister(namespace) }) },
  discover: async ({ address, namespace, limit }) => {
    const peers = await at(address, async point => await point.discover(namespace, { limit }))

    return peers.map(({ id, addresses }) => ({ id: id.toString(), addresses: addresses.map(({ multiaddr }) => multiaddr.toString()) }))
  }
}

process.on('message', async ({ id, command, args }) => {
  try {
    process.send({ id, result: await commands[command](args) })
  } catch (err) {
    process.send({ id, error: err.message })
  }
})

process.on('disconnect', () => { process.exit() })
process.send({ ready: true })
