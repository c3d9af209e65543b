/**
 * Channels in a libp2p that is yours: as services beside your own. What is left out here, such
 * as `discovery`, is simply not there: these two nodes are dialled by hand.
 */
import { gossipsub } from '@libp2p/gossipsub'
import { identify } from '@libp2p/identify'
import { noise } from '@libp2p/noise'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { createLibp2p } from 'libp2p'
import { gossipsubOptions, plaintext, reliableChannels } from 'holdfast'
import { exchange } from 'holdfast/exchange'

async function start () {
  return await createLibp2p({
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    services: {
      identify: identify(),
      // channels refuse a gossipsub that signs, or that counts messages in another way
      pubsub: gossipsub(gossipsubOptions()),
      exchange: exchange(),
      channels: reliableChannels()
    }
  })
}

const [a, b] = await Promise.all([start(), start()])

// everybody on this machine may read this one: that is a choice, never a default
const [atA, atB] = await Promise.all([a, b].map(async node => await node.services.channels.createChannel('notes', { encryption: plaintext() })))
const messages = atB.messages()[Symbol.asyncIterator]()

await a.dial(b.getMultiaddrs())

const request = await atA.send(new TextEncoder().encode('hello from my own libp2p'))
const { value } = await messages.next()

console.log(`b reads: ${new TextDecoder().decode(value?.payload)}`)
await atA.settled(request, 'delivered')
console.log(`a: delivered to ${atA.receipts(request).length}`)

await Promise.all([a, b].map(async node => { await node.stop() }))
