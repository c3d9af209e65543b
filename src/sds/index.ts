/**
 * Scalable Data Sync (SDS) with repair (SDS-R): causal order, acknowledgement and repair for a
 * group that shares a log, as a pure core.
 *
 * @example
 *
 * ```ts
 * import { Sds } from 'holdfast/sds'
 *
 * const sds = new Sds({ channelId: 'tea', senderId: 'alice', random: systemRandom, now: Date.now() })
 *
 * const staged = sds.stage([[content]], Date.now())
 * await store.commit(staged.ops)
 * staged.apply(Date.now())
 * publish(staged.messages[0].bytes)
 * sds.dispatched(staged.messages[0].messageId, Date.now())
 *
 * const effects = sds.receive(bytes, Date.now())
 * await store.commit(sds.takeOps())
 * // now act on the effects, then tick() again at nextDeadline()
 * ```
 */

export { Sds } from './sds.js'
export { SDS_DEFAULTS, verifyConfig as verifySdsConfig } from './config.js'
export { computeMessageId } from './ids.js'
export { compareIds } from './log.js'
export { decodeMessage } from './codec.js'
export { MalformedMessageError, RejectedMessageError } from './errors.js'
export type {
  Acknowledgement, HistoryEntry, LogEntry, LogPlace, LogRange, MessageId, MissingEntry, ReceiveContext, RejectReason,
  SdsConfig, SdsEffect, SdsInit, SdsMessage, SdsStatus, Staged, StagedMessage, StageOptions
} from './types.js'
