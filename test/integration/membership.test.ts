import { expect, test } from 'vitest'
import { signed, symmetric } from '../../src/index.js'
import { Ear, history, KEY, located, node, open, point, send, texts, until } from './harness.js'

test('signed() proves senders, and one who has the key and is no member is refused', async () => {
  const { addresses } = await point()
  const [alice, bob, mallory] = await Promise.all([0, 1, 2].map(async () => await node({ rendezvousPoints: addresses })))
  const members = [alice, bob].map(({ libp2p }) => libp2p.peerId)
  const [a, b] = await Promise.all([alice, bob].map(async on => await open(on, {
    encryption: signed(symmetric({ key: KEY }), { privateKey: on.privateKey, members })
  })))
  // its own list has it in
  const m = await open(mallory, { encryption: signed(symmetric({ key: KEY }), { privateKey: mallory.privateKey }) })
  const [atA, atB] = [new Ear(a), new Ear(b)]

  await located([alice, bob, mallory], 2)
  await send(a, 'signed by me')
  await atB.hears(1)

  const [message] = atB.received

  expect(message.sender?.equals(alice.libp2p.peerId)).toBe(true)
  expect(message.senderId).toBe(alice.libp2p.peerId.toString())
  expect(b.members().find(({ senderId }) => senderId === a.senderId)?.peerId?.equals(alice.libp2p.peerId)).toBe(true)

  const forged = await send(m, 'I am one of you')

  await Promise.all([[a, atA], [b, atB]].map(async ([channel, ear]) => {
    await until(channel as typeof a, ['reliable:channel:error'], () => (ear as Ear).errors.some(({ name }) => name === 'NotMemberError'))
  }))
  await send(b, 'we are two')
  await atA.hears(1)
  expect(texts(atA.received)).toEqual(['we are two'])
  expect(texts(atB.received)).toEqual(['signed by me'])
  expect(await history(a)).toEqual(['signed by me', 'we are two'])
  expect(a.members().map(({ senderId }) => senderId)).not.toContain(m.senderId)
  expect(m.receipts(forged)).toEqual([])
})

test('two channels on one content topic stay apart, and one outlives the other', async () => {
  const { addresses } = await point()
  const nodes = await Promise.all([0, 1].map(async () => await node({ rendezvousPoints: addresses })))
  const other = symmetric({ key: new Uint8Array(32).fill(9) })
  const contentTopic = '/shop/1/tables/proto'
  const [teaA, teaB] = await Promise.all(nodes.map(async on => await open(on, { contentTopic })))
  const [milkA, milkB] = await Promise.all(nodes.map(async on => await open(on, { id: 'milk', contentTopic, encryption: other })))
  const [atTea, atMilk] = [new Ear(teaB), new Ear(milkB)]

  await located(nodes, 1)
  await located(nodes, 1, 'milk')

  const requests = await Promise.all([send(teaA, 'green'), send(milkA, 'oat')])

  await Promise.all([atTea.hears(1), atMilk.hears(1), teaA.settled(requests[0], 'delivered'), milkA.settled(requests[1], 'delivered')])
  expect(texts(atTea.received)).toEqual(['green'])
  expect(texts(atMilk.received)).toEqual(['oat'])
  expect([...atTea.errors, ...atMilk.errors]).toEqual([])

  await milkB.close()
  await send(milkA, 'nobody buys it')
  await teaA.settled(await send(teaA, 'black'), 'delivered')
  expect(texts(atTea.received)).toEqual(['green', 'black'])
  expect(texts(atMilk.received)).toEqual(['oat'])
})
