/**
 * Two nodes in one process that know a rendezvous point and a passphrase: they find each other,
 * talk, and see what became of what they said.
 */
import { createNode, symmetric } from 'holdfast'
import type { ReceivedMessage } from 'holdfast'

const text = (message: ReceivedMessage): string => new TextDecoder().decode(message.payload)
const listen = ['/ip4/127.0.0.1/tcp/0']
const point = await createNode({ listen, actAsRendezvousPoint: true })
const rendezvousPoints = point.libp2p.getMultiaddrs()
const alice = await createNode({ listen, rendezvousPoints })
const bob = await createNode({ listen, rendezvousPoints })

// everybody opens the channel for itself; both can be offline at that time
const encryption = symmetric({ passphrase: 'a raven like a writing-desk' })
const atAlice = await alice.channels.createChannel('tea', { encryption })
const atBob = await bob.channels.createChannel('tea', { encryption })

// bob answers the first message that comes
const answered = new Promise<string>(resolve => {
  atBob.events.on('reliable:message:received', message => {
    console.log(`bob reads: ${text(message)}`)
    atBob.send(new TextEncoder().encode('I don\'t see any wine.')).then(resolve, console.error)
  })
})

atAlice.events.on('reliable:message:received', message => { console.log(`alice reads: ${text(message)}`) })
atAlice.events.on('reliable:message:delivered', ({ receipts }) => { console.log(`alice: delivered to ${receipts.length}`) })

const request = await atAlice.send(new TextEncoder().encode('Have some wine.'))

await atAlice.settled(request, 'delivered')
await atBob.settled(await answered, 'delivered')

// the log holds both, in the order in which one answers the other
for await (const message of atAlice.history()) {
  console.log(`${message.own ? 'alice' : 'bob'}: ${text(message)}`)
}

await Promise.all([alice, bob, point].map(async node => { await node.stop() }))
