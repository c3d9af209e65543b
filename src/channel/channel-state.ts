import { Sds } from '../sds/index.js'
import { FRAME_PREFIX, Reassembly, SEGMENT_PREFIX, StreamAssembly } from '../segmentation/index.js'
import { StoreCorruptError } from '../storage/index.js'
import { SenderMismatchError } from './errors.js'
import { CHANNEL_KEY, SDS_PREFIX } from './keys.js'
import { MessageLog } from './message-log.js'
import { Payloads } from './payloads.js'
import { ChannelRecord } from './pb/records.js'
import { Requests } from './requests.js'
import type { ResolvedOptions } from './context.js'
import type { Clock, Random } from '../clock.js'
import type { DroppedSet, DroppedStream } from '../segmentation/index.js'
import type { Store, StoreEntry } from '../storage/index.js'
import type { AbortOptions } from '@libp2p/interface'

/** What a channel keeps. */
export interface ChannelState {
  store: Store
  sds: Sds
  reassembly: Reassembly
  streams: StreamAssembly
  messages: MessageLog
  requests: Requests
  payloads: Payloads
  /** it was joined just now, rather than opened again */
  newcomer: boolean
  /** when that was, ms */
  createdAt: number
}

export interface ChannelStateInit {
  options: ResolvedOptions
  store: Store
  clock: Clock
  random: Random
  onDrop (dropped: DroppedSet | DroppedStream): void
}

/**
 * Opens the state of a channel, or begins it.
 *
 * @throws {SenderMismatchError} it was made with another sender ID
 * @throws {StoreCorruptError}
 * @throws {StoreVersionError}
 */
export async function openChannelState (init: ChannelStateInit, signal?: AbortOptions): Promise<ChannelState> {
  const { options, store, clock, random, onDrop } = init
  const { channelId, senderId } = options
  const stored = await store.get(CHANNEL_KEY)
  const record = stored == null ? undefined : decodeChannelRecord(stored)

  if (record != null && record.senderId !== senderId) {
    throw new SenderMismatchError(`the stored channel ${channelId} belongs to sender ${record.senderId}, not ${senderId}`)
  }

  if (record == null) {
    await store.commit([{ key: CHANNEL_KEY, value: ChannelRecord.encode({ channelId, senderId, createdAt: clock.now() }) }])
    // to its own key at once: that is where storedChannels() looks
    await store.flush()
  }

  const now = clock.now()
  const sds = Sds.restore({ channelId, senderId, config: options.sds, random, now }, await collect(store.list(SDS_PREFIX, signal)))
  const reassembly = Reassembly.restore({ config: options.segmentation, onDrop }, await collect(store.list(SEGMENT_PREFIX, signal)), now)
  const streams = StreamAssembly.restore({ config: options.segmentation, onDrop }, await collect(store.list(FRAME_PREFIX, signal)), now)
  const messages = new MessageLog(store, options.history)
  const requests = new Requests(store)
  const payloads = new Payloads(store, options.history)

  await messages.load(signal)
  await requests.load(signal)
  await payloads.load(signal)
  // a new channel's join mark, and what a restore tidied up
  await store.commit([...sds.takeOps(), ...reassembly.takeOps(), ...streams.takeOps()])

  return { store, sds, reassembly, streams, messages, requests, payloads, newcomer: record == null, createdAt: record?.createdAt ?? now }
}

/** @throws {StoreCorruptError} */
export function decodeChannelRecord (value: Uint8Array): ChannelRecord {
  try {
    return ChannelRecord.decode(value)
  } catch (err) {
    throw new StoreCorruptError('the record of a channel cannot be decoded', { cause: err })
  }
}

async function collect (entries: AsyncIterable<StoreEntry>): Promise<StoreEntry[]> {
  const out: StoreEntry[] = []

  for await (const entry of entries) {
    out.push(entry)
  }

  return out
}
