import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MemoryDatastore } from 'datastore-core'
import { Key } from 'interface-datastore'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { symmetric } from '../../src/encryption/index.js'
import { openDatastore } from '../../src/storage/index.js'
import { nextMessage, node, stopAll, text } from './nodes.js'

const encryption = symmetric({ key: new Uint8Array(32).fill(7) })

let folder: string

beforeAll(async () => { folder = await mkdtemp(join(tmpdir(), 'holdfast-node-')) })
afterAll(async () => { await rm(folder, { recursive: true }) })

it('keeps its identity in its storage', async () => {
  const storage = join(folder, 'identity')
  const first = await node({ storage })

  await first.stop()

  const second = await node({ storage })

  expect(second.libp2p.peerId.equals(first.libp2p.peerId)).toBe(true)
  expect(second.channels.durable).toBe(true)
  await second.stop()
})

it('keeps what was said, and what was still to be sent', async () => {
  const storage = join(folder, 'outbox')
  const point = await node({ actAsRendezvousPoint: true })
  const rendezvousPoints = point.libp2p.getMultiaddrs()
  const other = await node({ rendezvousPoints })
  const received = nextMessage(await other.channels.createChannel('tea', { encryption }))
  // knows no point: nobody hears it
  const first = await node({ storage })
  const before = await first.channels.createChannel('tea', { encryption })
  const requestId = await before.send(text('said to nobody yet'))

  await first.stop()

  const second = await node({ storage, rendezvousPoints })

  expect(await second.channels.storedChannels()).toEqual(['tea'])

  const after = await second.channels.createChannel('tea', { encryption })

  expect(await received).toBe('said to nobody yet')
  await after.settled(requestId, 'delivered')
  await stopAll(second, other, point)
})

it('lets go of its folder when it stops, and takes it again when it starts', async () => {
  const storage = join(folder, 'restart')
  const a = await node({ storage })

  await a.stop()

  const other = await openDatastore(storage)

  await expect(a.start()).rejects.toThrow(expect.objectContaining({ name: 'StoreLockedError' }))
  expect(a.libp2p.status).not.toBe('started')
  await other.close()
  await a.start()
  expect(a.libp2p.status).toBe('started')
  await a.stop()
})

it('refuses a folder that is in use', async () => {
  const storage = join(folder, 'locked')
  const a = await node({ storage })

  await expect(node({ storage })).rejects.toThrow(expect.objectContaining({ name: 'StoreLockedError', message: expect.stringContaining(storage) }))
  // the first one goes on
  expect((await a.channels.createChannel('tea', { encryption })).channelId).toBe('tea')
  await a.stop()
})

it('refuses a folder that is corrupt, and changes nothing in it', async () => {
  const storage = join(folder, 'corrupt')
  const a = await node({ storage })

  await a.stop()

  const file = (await readdir(storage)).find(name => name.startsWith('MANIFEST'))

  await writeFile(join(storage, file!), 'this is no manifest')
  await expect(node({ storage })).rejects.toThrow(expect.objectContaining({ name: 'StoreCorruptError', message: expect.stringContaining(storage) }))
  await expect(node({ storage: join(storage, file!) })).rejects.toThrow(expect.objectContaining({ name: 'StoreCorruptError' }))
})

it('a folder that cannot be made is refused, not waited for', async () => {
  await writeFile(join(folder, 'file'), '')
  await expect(node({ storage: join(folder, 'file/below/it') })).rejects.toThrow(expect.objectContaining({ name: 'StoreCorruptError' }))
  // mkdir() with its parents would turn in a circle here for ever
  await expect(node({ storage: '/proc/holdfast/store' })).rejects.toThrow(expect.objectContaining({ name: 'StoreCorruptError' }))
  // and one with parents that are not there is made
  await stopAll(await node({ storage: join(folder, 'some/where/deep') }))
})

it('refuses an identity that cannot be read, and keeps no lock', async () => {
  const storage = join(folder, 'identity-corrupt')
  const opened = await openDatastore(storage)

  await opened.datastore.put(new Key('/holdfast/identity'), Uint8Array.of(1, 2, 3))
  await opened.close()
  await expect(node({ storage })).rejects.toThrow(expect.objectContaining({ name: 'StoreCorruptError' }))

  const again = await openDatastore(storage)

  await again.close()
})

it('uses a datastore that is given, and leaves it open', async () => {
  const storage = new MemoryDatastore()
  const first = await node({ storage })

  await first.stop()

  const second = await node({ storage })

  expect(second.libp2p.peerId.equals(first.libp2p.peerId)).toBe(true)
  expect(second.channels.durable).toBe(false)
  await second.stop()
})
