import { InvalidParametersError } from '@libp2p/interface'
import { InvalidRecordError } from './errors.js'
import { isSealedBy, legacyRecord, openRecord, standardRecord } from './records.js'
import type { RecordCodec, RecordContent } from './records.js'
import type { AbortOptions } from '@libp2p/interface'

/**
 * Which envelopes are sealed and read: those of the libp2p specs, those of rust-libp2p
 * before it adopted the specs', or whichever the other side understands.
 */
export type RecordFormat = 'standard' | 'legacy' | 'auto'

/** A record in the envelopes that there are of it. */
export interface SealedRecord {
  standard?: Uint8Array
  legacy?: Uint8Array
}

/** The codecs in use; a codec of the user's own takes the place of the standard one. */
export interface RecordCodecs {
  standard?: RecordCodec
  legacy?: RecordCodec
}

export function recordCodecs (init: { recordFormat?: RecordFormat, recordCodec?: RecordCodec }): RecordCodecs {
  const format = init.recordFormat ?? 'auto'

  if (format !== 'auto' && format !== 'standard' && format !== 'legacy') {
    throw new InvalidParametersError(`recordFormat is 'standard', 'legacy' or 'auto', not ${String(format)}`)
  }

  if (init.recordCodec != null) {
    return { standard: init.recordCodec }
  }

  return {
    ...(format === 'legacy' ? {} : { standard: standardRecord }),
    ...(format === 'standard' ? {} : { legacy: legacyRecord })
  }
}

/** Opens a record in whichever of the envelopes in use it came. */
export async function openSealed (codecs: RecordCodecs, bytes: Uint8Array, options?: AbortOptions): Promise<{ format: keyof SealedRecord, content: RecordContent }> {
  const format = codecs.legacy != null && (codecs.standard == null || isSealedBy(codecs.legacy, bytes)) ? 'legacy' : 'standard'
  const codec = codecs[format]

  if (codec == null) {
    throw new InvalidRecordError(`no ${format} envelopes are read here`)
  }

  return { format, content: await openRecord(codec, bytes, options) }
}
