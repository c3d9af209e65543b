/**
 * `/rendezvous/1.0.0` for js-libp2p and nothing else of this package: a point, a peer that
 * registers, and a peer that finds it.
 */
import { identify } from '@libp2p/identify'
import { noise } from '@libp2p/noise'
import { ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { createLibp2p } from 'libp2p'
import { rendezvousClient, rendezvousPoint } from 'holdfast/rendezvous'

const basics = {
  addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
  transports: [tcp()],
  connectionEncrypters: [noise()],
  streamMuxers: [yamux()]
}

const point = await createLibp2p({ ...basics, services: { identify: identify(), rendezvous: rendezvousPoint() } })
const client = async () => await createLibp2p({
  ...basics,
  services: { identify: identify(), ping: ping(), rendezvous: rendezvousClient({ points: point.getMultiaddrs() }) }
})
const [seller, buyer] = await Promise.all([client(), client()])

// it is refreshed until it is unregistered
const [registered] = await seller.services.rendezvous.register('oysters')

console.log(`registered for ${registered.ttl} s`)

for await (const peer of buyer.services.rendezvous.discover('oysters')) {
  await buyer.services.ping.ping(peer.id)
  console.log(`found ${peer.id.equals(seller.peerId) ? 'the seller' : 'somebody else'}, and it answers`)
}

await Promise.all([seller, buyer, point].map(async node => { await node.stop() }))
