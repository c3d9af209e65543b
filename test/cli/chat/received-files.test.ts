import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { safeName, saveReceived } from '../../../src/cli/chat/received-files.js'
import { Seen } from '../../../src/cli/chat/seen.js'

let folder: string

beforeAll(async () => { folder = await mkdtemp(join(tmpdir(), 'holdfast-files-')) })
afterAll(async () => { await rm(folder, { recursive: true }) })

it.each([
  ['photo.png', 'photo.png'],
  ['../../etc/passwd', 'passwd'],
  ['..\\..\\boot.ini', 'boot.ini'],
  ['/etc/passwd', 'passwd'],
  ['..', 'file'],
  ['', 'file'],
  ['.bashrc', 'bashrc'],
  ['-rf', 'rf'],
  ['a\u0000b\u001b[31m.txt', 'ab[31m.txt'],
  ['gpj\u202e.exe', 'gpj.exe'],
  ['a:b*c?.txt', 'a_b_c_.txt'],
  ['CON.txt', '_CON.txt'],
  ['trailing. . ', 'trailing'],
  ['Grüße 🫖.txt', 'Grüße 🫖.txt']
])('%j becomes %j', (name, safe) => {
  expect(safeName(name)).toBe(safe)
})

it('is safe whatever the name is', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 400 }), name => {
    const safe = safeName(name)

    expect(safe).not.toMatch(/[/\\\p{Cc}]/u)
    expect(safe).not.toMatch(/^[.-]|^$/)
    expect(basename(safe)).toBe(safe)
    expect(Buffer.byteLength(safe)).toBeLessThanOrEqual(201)
    expect(safeName(safe)).toBe(safe)
  }))
})

it('keeps the ending of a name that is cut', () => {
  const safe = safeName(`${'🫖'.repeat(200)}.tar`)

  expect(safe).toMatch(/^🫖+\.tar$/u)
  expect(Buffer.byteLength(safe)).toBeLessThanOrEqual(200)
})

it('never overwrites, and follows no link', async () => {
  const outside = join(folder, 'outside')
  const files = join(folder, 'files')

  await writeFile(outside, 'mine')
  expect(await saveReceived(files, 'a.txt', Buffer.from('one'))).toBe(join(files, 'a.txt'))
  expect(await saveReceived(files, 'a.txt', Buffer.from('two'))).toBe(join(files, 'a-1.txt'))
  await symlink(outside, join(files, 'b.txt'))
  expect(await saveReceived(files, 'b.txt', Buffer.from('three'))).toBe(join(files, 'b-1.txt'))

  expect(await readFile(outside, 'utf8')).toBe('mine')
  expect(await readFile(join(files, 'a.txt'), 'utf8')).toBe('one')
  expect((await readdir(files)).sort()).toEqual(['a-1.txt', 'a.txt', 'b-1.txt', 'b.txt'])
})

it('a folder that cannot be made is an error, not an endless loop', async () => {
  // mkdir() with its parents would turn in a circle here for ever
  await expect(saveReceived('/proc/holdfast/files', 'a.txt', Uint8Array.of(1))).rejects.toThrow(expect.objectContaining({ code: 'ENOENT' }))
  await expect(new Seen('/proc/holdfast', 'tea').write('cursor')).rejects.toThrow(expect.objectContaining({ code: 'ENOENT' }))
})
