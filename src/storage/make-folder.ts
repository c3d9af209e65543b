import { mkdir, stat } from 'node:fs/promises'
import { dirname } from 'node:path'

/**
 * Makes a folder, with its parents. Not `mkdir()`'s own `recursive`, which never ends where the
 * system refuses with ENOENT, as under /proc.
 *
 * @returns whether it was not there
 */
export async function makeFolder (folder: string): Promise<boolean> {
  if ((await stat(folder).catch(() => undefined))?.isDirectory() === true) {
    return false
  }

  if (dirname(folder) !== folder) {
    await makeFolder(dirname(folder))
  }

  try {
    await mkdir(folder)

    return true
  } catch (err) {
    // somebody else made it meanwhile; a file in its place shows when it is used
    if ((err as NodeJS.ErrnoException).code !== 'EEXIST') {
      throw err
    }

    return false
  }
}
