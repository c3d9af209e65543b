import { createHash } from 'node:crypto'
import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { makeFolder } from '../../storage/make-folder.js'
import type { Cursor } from '../../channel/index.js'

/**
 * How far a channel was shown, kept in a file: what came while nobody looked is shown at the
 * next start, and files that were not saved before a crash are saved then.
 */
export class Seen {
  private readonly path?: string
  private readonly folder?: string

  /** @param data - the data folder; without one nothing is kept */
  constructor (data: string | undefined, channelId: string) {
    if (data != null) {
      this.folder = join(data, 'seen')
      this.path = join(this.folder, createHash('sha256').update(channelId).digest('hex').slice(0, 32))
    }
  }

  async read (): Promise<Cursor | undefined> {
    try {
      return this.path == null ? undefined : await readFile(this.path, 'utf8')
    } catch (err) {
      if ((err as NodeJS.ErrnoException).code === 'ENOENT') {
        return undefined
      }

      throw err
    }
  }

  async write (cursor: Cursor): Promise<void> {
    if (this.path != null && this.folder != null) {
      await makeFolder(this.folder)
      await writeFile(`${this.path}.new`, cursor)
      await rename(`${this.path}.new`, this.path)
    }
  }
}
