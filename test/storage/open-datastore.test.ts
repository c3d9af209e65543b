import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MemoryDatastore } from 'datastore-core'
import { Key } from 'interface-datastore'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { isDurable, openDatastore, StoreCorruptError, StoreLockedError } from '../../src/storage/index.js'
import { bytes } from './compliance.js'
import { RecordingDatastore } from './recording-datastore.js'

describe('openDatastore', () => {
  let folder: string

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'holdfast-'))
  })

  afterEach(async () => {
    await rm(folder, { recursive: true })
  })

  it('makes the folder, with those above it, and finds its content again', async () => {
    const nested = join(folder, 'a/b')
    const first = await openDatastore(nested)
    await first.datastore.put(new Key('/k'), bytes('v'))
    await first.close()
    const second = await openDatastore(nested)

    expect(new TextDecoder().decode(await second.datastore.get(new Key('/k')))).toBe('v')
    await second.close()
  })

  it('refuses a folder that is open already, until it is closed', async () => {
    const first = await openDatastore(folder)
    await expect(openDatastore(folder)).rejects.toThrow(StoreLockedError)
    await first.datastore.put(new Key('/k'), bytes('v'))
    await first.close()
    await (await openDatastore(folder)).close()
  })

  it('refuses a folder that another process has open, and takes over from one that was killed', async () => {
    const script = `
      import { LevelDatastore } from 'datastore-level'
      const datastore = new LevelDatastore(${JSON.stringify(folder)})
      await datastore.open()
      process.stdout.write('open')
      setInterval(() => {}, 1000)`
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], { cwd: process.cwd(), stdio: ['ignore', 'pipe', 'inherit'] })

    try {
      await once(child.stdout, 'data')
      await expect(openDatastore(folder)).rejects.toThrow(StoreLockedError)
    } finally {
      child.kill('SIGKILL')
      await once(child, 'exit')
    }

    await (await openDatastore(folder)).close()
  })

  it.each(['CURRENT', 'MANIFEST'])('refuses a folder whose %s is damaged, and says which', async (name) => {
    const opened = await openDatastore(folder)
    await opened.datastore.put(new Key('/k'), bytes('v'))
    await opened.close()
    const file = (await readdir(folder)).find(file => file.startsWith(name)) ?? ''
    await writeFile(join(folder, file), 'not what it was')

    const error = await openDatastore(folder).then(() => undefined, (err: Error) => err)
    expect(error).toBeInstanceOf(StoreCorruptError)
    expect(error?.message).toContain(folder)
    expect(error?.cause).toBeInstanceOf(Error)
  })

  it('discards only what it has made', async () => {
    const made = await openDatastore(join(folder, 'made'))
    await made.datastore.put(new Key('/k'), bytes('v'))
    await made.discard()
    expect(await readdir(folder)).toEqual([])

    const first = await openDatastore(join(folder, 'kept'))
    await first.datastore.put(new Key('/k'), bytes('v'))
    await first.close()
    await (await openDatastore(join(folder, 'kept'))).discard()

    const again = await openDatastore(join(folder, 'kept'))
    expect(new TextDecoder().decode(await again.datastore.get(new Key('/k')))).toBe('v')
    await again.close()

    // what others have put there is not ours to erase
    const shared = await openDatastore(join(folder, 'shared'))
    await writeFile(join(folder, 'shared/notes'), 'mine')
    await shared.discard()
    expect(await readdir(join(folder, 'shared'))).toEqual(['notes'])
  })

  it('refuses a path where there is a file', async () => {
    const file = join(folder, 'file')
    await writeFile(file, 'mine')

    await expect(openDatastore(file)).rejects.toThrow(StoreCorruptError)
  })
})

describe('isDurable', () => {
  it('is false for no datastore and for one in memory', () => {
    expect(isDurable(undefined)).toBe(false)
    expect(isDurable(new MemoryDatastore())).toBe(false)
    expect(isDurable(new RecordingDatastore())).toBe(true)
  })
})
