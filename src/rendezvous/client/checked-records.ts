import { openSealed } from '../record-formats.js'
import type { RecordCodecs } from '../record-formats.js'
import type { RecordContent } from '../records.js'
import type { AbortOptions } from '@libp2p/interface'

/** Records remembered at once, in number and bytes; the ones that were seen the longest ago go first. */
const MAX_RECORDS = 10_000
const MAX_BYTES = 4 * 1024 * 1024

/** Gives each byte a character of its own. */
const decoder = new TextDecoder('latin1')

/**
 * Remembers which records were in order: a signature costs more than all the rest of an
 * answer, and the same record comes with every refresh and from every other point.
 */
export class CheckedRecords {
  private readonly codecs: RecordCodecs
  /** by the record itself, in the order of being seen */
  private readonly contents = new Map<string, RecordContent>()
  private bytes = 0

  constructor (codecs: RecordCodecs) {
    this.codecs = codecs
  }

  /** What the record says, when it was opened before. */
  known (record: Uint8Array): RecordContent | undefined {
    const key = decoder.decode(record)
    const content = this.contents.get(key)

    if (content != null) {
      this.contents.delete(key)
      this.contents.set(key, content)
    }

    return content
  }

  /** @throws {InvalidRecordError} it is not in order, which is not remembered */
  async open (record: Uint8Array, options?: AbortOptions): Promise<RecordContent> {
    const { content } = await openSealed(this.codecs, record, options)
    const key = decoder.decode(record)

    if (!this.contents.has(key)) {
      this.contents.set(key, content)
      this.bytes += key.length
      this.forgetOldest()
    }

    return content
  }

  private forgetOldest (): void {
    for (const key of this.contents.keys()) {
      if (this.contents.size <= MAX_RECORDS && this.bytes <= MAX_BYTES) {
        return
      }

      this.contents.delete(key)
      this.bytes -= key.length
    }
  }
}
