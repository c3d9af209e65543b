import { expect, test } from 'vitest'
import { createNode, symmetric } from '../../src/index.js'

test('two nodes that know only a point find each other and talk', async () => {
  const listen = ['/ip4/127.0.0.1/tcp/0']
  const point = await createNode({ listen, actAsRendezvousPoint: { minTtl: 1 } })
  const rendezvousPoints = [point.libp2p.getMultiaddrs()[0]]
  const encryption = symmetric({ key: new Uint8Array(32).fill(7) })
  const a = await createNode({ listen, rendezvousPoints })
  const b = await createNode({ listen, rendezvousPoints })
  const t0 = Date.now()
  try {
    const ca = await a.channels.createChannel('tea', { encryption })
    const cb = await b.channels.createChannel('tea', { encryption })
    const got = new Promise(resolve => cb.events.on('reliable:message:received', resolve))
    const id = await ca.send(new TextEncoder().encode('hi'))
    expect(new TextDecoder().decode((await got as any).payload)).toBe('hi')
    console.log('received', Date.now() - t0)
    await ca.settled(id, 'delivered')
    console.log('delivered', Date.now() - t0, ca.status(), ca.members())
    const big = await cb.send(new Uint8Array(5 * 1024 * 1024))
    const t1 = Date.now()
    await cb.settled(big, 'sent')
    console.log('big sent', Date.now() - t1)
    await cb.settled(big, 'delivered')
    console.log('big delivered', Date.now() - t1)
  } finally {
    await Promise.all([a, b, point].map(async node => { await node.stop() }))
  }
})
