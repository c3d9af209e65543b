import { bytesToHex } from '@noble/hashes/utils.js'
import { equals } from 'uint8arrays/equals'
import type { BookPeer } from './book-peer.js'
import type { SignedRecord } from './signed-record.js'

/**
 * Entries by the bytes of their record. Most records that arrive are the ones we have: those
 * need neither decoding nor their signature checked.
 */
export class RecordIndex {
  private readonly byEnd = new Map<string, BookPeer>()

  find (envelope: Uint8Array): BookPeer | undefined {
    const entry = this.byEnd.get(endOf(envelope))

    return entry?.record != null && equals(entry.record.envelope, envelope) ? entry : undefined
  }

  /** Gives the entry this record, or none. */
  assign (entry: BookPeer, record: SignedRecord | undefined): void {
    if (entry.record != null) {
      this.byEnd.delete(endOf(entry.record.envelope))
    }

    if (record != null) {
      this.byEnd.set(endOf(record.envelope), entry)
    }

    entry.record = record
  }
}

/** An envelope ends in its signature. */
function endOf (envelope: Uint8Array): string {
  return bytesToHex(envelope.subarray(-16))
}
