import { open } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { makeFolder } from '../../storage/make-folder.js'

/** Bytes of a name that every file system takes, with room for a number. */
const MAX_NAME_BYTES = 200

/** Names of one file that are tried: "a.txt", "a-1.txt", … */
const MAX_TRIES = 10_000

/** Device names that Windows takes for itself, with or without an ending. */
const RESERVED = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i

/**
 * Saves what somebody sent under its name, made harmless, or under the next one that is free:
 * nothing is ever overwritten.
 *
 * @returns the path
 */
export async function saveReceived (folder: string, name: string, content: Uint8Array): Promise<string> {
  await makeFolder(folder)

  const safe = safeName(name)
  const ending = extname(safe)
  const stem = safe.slice(0, safe.length - ending.length)

  for (let i = 0; i < MAX_TRIES; i++) {
    const path = join(folder, i === 0 ? safe : `${stem}-${i}${ending}`)

    try {
      // wx: fails where anything is, links included
      await using file = await open(path, 'wx')
      await file.writeFile(content)

      return path
    } catch (err) {
      if ((err as NodeJS.ErrnoException).code !== 'EEXIST') {
        throw err
      }
    }
  }

  throw new Error(`${MAX_TRIES} files are named like ${safe} already`)
}

/** A name without folders, without characters that a shell, a terminal or a file system minds, not hidden, and not too long. */
export function safeName (name: string): string {
  const base = name.split(/[/\\]/).at(-1) ?? ''
  const clean = base
    .normalize('NFC')
    // controls, what turns text around or has no width, surrogates without their other half
    .replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/gu, '')
    .replaceAll(/[<>:"|?*]/g, '_')
    .replaceAll(/^[\s.-]+|[\s.]+$/g, '')
  const short = shorten(clean)

  return short === '' ? 'file' : RESERVED.test(short) ? `_${short}` : short
}

/** Cuts the stem, whole characters at a time, and keeps a short ending. */
function shorten (name: string): string {
  const bytes = (text: string): number => Buffer.byteLength(text)

  if (bytes(name) <= MAX_NAME_BYTES) {
    return name
  }

  const ending = bytes(extname(name)) <= 16 ? extname(name) : ''
  const chars = [...name.slice(0, name.length - ending.length)]

  while (bytes(chars.join('')) + bytes(ending) > MAX_NAME_BYTES) {
    chars.pop()
  }

  return chars.join('') + ending
}
