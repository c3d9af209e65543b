/**
 * Message segmentation (LIP 243): payloads of any size on a transport whose messages are small,
 * with parity against loss. Bytes in, bytes out: no timers, no I/O, no randomness.
 *
 * {@link segmentPayload} cuts a payload into serialised segments. {@link Reassembly} puts what
 * arrives back together, in any order, from any senders, within bounds, and tells what has to
 * be stored so that a crash loses nothing. {@link cutStream} and {@link StreamAssembly} do the
 * same for payloads that are larger than one set of segments, and than memory. Work that takes
 * more than a moment comes as {@link Steps}, to be run in slices.
 *
 * @example
 * ```ts
 * const config = verifySegmentationConfig({ parityRate: 0.125 })
 * const { contents } = segmentPayload(payload, config)
 *
 * const reassembly = new Reassembly({ config })
 * const result = reassembly.add({ content, senderId, messageId, idSalt }, clock.now())
 *
 * if (result.state === 'complete') {
 *   deliver(result.payload)
 *   reassembly.remove(result.setKey)
 * }
 * ```
 */

export { chunkBytes, frameBytes, maxSetBytes, parityCount, verifySegmentationConfig } from './config.js'
export type { SegmentationConfig } from './config.js'
export { checkPayload, segmentPayload, segmentPayloadAsync } from './cut.js'
export type { SegmentSet } from './cut.js'
export { cutStream } from './cut-stream.js'
export type { CutStreamInit, StreamSet } from './cut-stream.js'
export { EmptyPayloadError, InvalidSegmentError, InvalidStreamFrameError, PayloadTooLargeError, StreamSizeError } from './errors.js'
export { CONTENT_PREFIX } from './partial-stream.js'
export { Reassembly, SEGMENT_PREFIX } from './reassembly.js'
export type { Complete, DroppedSet, DropReason, Progress, ReassemblyInit, ReassemblyStatus, RejectReason, SegmentInput, SegmentResult } from './reassembly-types.js'
export { atOnce, inSlices } from './slices.js'
export type { Steps } from './slices.js'
export { FRAME_PREFIX, StreamAssembly } from './stream-assembly.js'
export type { StreamAssemblyInit } from './stream-assembly.js'
export { escapePayload, parseStreamFrame } from './stream-frame.js'
export type { ParsedPayload, StreamFrame } from './stream-frame.js'
export type { CompleteStream, DroppedStream, StreamDropReason, StreamFrameInput, StreamProgress, StreamRejectReason, StreamResult, StreamStatus } from './stream-types.js'
