import { inSlices, parseStreamFrame } from '../segmentation/index.js'
import { toReceived } from './received.js'
import { RecentMap } from './recent-map.js'
import { Transition } from './transition.js'
import type { ChannelContext } from './context.js'
import type { LogAppend } from './message-log.js'
import type { ProgressReports } from './progress.js'
import type { Roster } from './roster.js'
import type { SdsEffect } from '../sds/index.js'
import type { Complete, CompleteStream, SegmentInput, SegmentResult, StreamFrame } from '../segmentation/index.js'

/** Sets whose name in progress events is remembered. */
const MAX_NAMES = 1_000

export interface AssemblerInit {
  context: ChannelContext
  roster: Roster
  progress: ProgressReports
  /** carries out a transition that did not begin with something from SDS */
  perform (transition: Transition): void
}

/**
 * Makes messages of segments, and brings them into the log and to the application in the order
 * in which SDS releases them. A message that is still being put together when it is released
 * holds back those behind it.
 */
export class Assembler {
  private readonly init: AssemblerInit
  /** sets with a segment that had been reported lost, and sets from before our joining */
  private readonly late = new Set<string>()
  private readonly history = new Set<string>()
  /** complete sets whose causes have not come, while some of their segments never will */
  private readonly behind = new Set<string>()
  /** senders of which parity is missing that belongs to a message not yet released */
  private readonly lacking = new Set<string>()
  /** sets that are being put together in slices */
  private readonly working = new Set<string>()
  private readonly names = new RecentMap<string, string>(MAX_NAMES)
  /** released sets in order, from the first on that is being put together */
  private readonly line = new Set<string>()

  constructor (init: AssemblerInit) {
    this.init = init
  }

  /** Takes a segment in. */
  add (transition: Transition, segment: SegmentInput): SegmentResult {
    const { context, progress } = this.init
    const result = context.reassembly.add(segment, context.clock.now())

    switch (result.state) {
      case 'complete':
        this.makeUp(transition, result)
        break
      case 'ready':
        this.working.add(result.setKey)
        transition.after.push(() => { void this.assemble(result.setKey) })
        break
      case 'rejected':
        transition.after.push(() => { context.errors.report(result.error) })
        break
      case 'partial':
        transition.after.push(() => {
          progress.tell({ direction: 'in', id: this.nameOf(result.setKey, segment.messageId), segments: result.have, total: result.total, bytes: result.bytes, totalBytes: result.totalBytes })
        })
        break
      case 'duplicate':
    }

    return result
  }

  /** SDS has let a segment through. */
  released (transition: Transition, effect: SdsEffect & { type: 'released' }): void {
    const setKey = this.init.context.reassembly.setOf(effect.messageId)

    if (setKey == null) {
      return
    }

    if (effect.late) {
      this.late.add(setKey)
    }

    if (effect.history) {
      this.history.add(setKey)
    }

    this.queue(transition, setKey)
  }

  /** Finishes what a crash left between the last segment and the log. */
  async resume (): Promise<void> {
    const { reassembly } = this.init.context
    const ready = reassembly.ready()

    ready.forEach(setKey => this.working.add(setKey))

    for (const setKey of ready) {
      await inSlices(reassembly.assemble(setKey), this.init.context.pause)
    }

    const lamportOf = (setKey: string): number => {
      const set = reassembly.complete(setKey)

      return set == null ? 0 : this.lamportOf(set)
    }
    const transition = new Transition()

    for (const setKey of ready.sort((a, b) => lamportOf(a) - lamportOf(b))) {
      this.working.delete(setKey)
      this.deliver(transition, setKey)
    }

    this.drainLine(transition)
    this.init.perform(transition)
  }

  /** Something of a sender is missing: it may be parity of a message in the log, which nobody needs any more. */
  async releaseParity (senderId: string): Promise<void> {
    const { reassembly, messages, sds, clock, pause } = this.init.context
    const ids: string[] = []

    for (const { setKey, messageId } of reassembly.lackingParity(senderId)) {
      const message = messages.get(messageId)

      if (message == null) {
        // it is not released yet, and what follows it must not be either
        this.lacking.add(senderId)
      } else {
        const payload = await messages.body(message, 0)

        ids.push(...payload == null ? [] : await inSlices(reassembly.absentParity(setKey, payload), pause))
      }
    }

    if (ids.length > 0) {
      this.init.perform(new Transition(sds.present(ids, clock.now())))
    }
  }

  /** A set was given up. */
  forget (setKey: string): void {
    this.late.delete(setKey)
    this.history.delete(setKey)
    this.line.delete(setKey)
  }

  /** What a set is called before the ID of its message is known: always by the segment that came first. */
  private nameOf (setKey: string, messageId: string): string {
    const name = this.names.get(setKey) ?? messageId

    this.names.set(setKey, name)

    return name
  }

  /** Looks again at sets whose causes had not come. */
  recheck (transition: Transition): void {
    for (const setKey of [...this.behind]) {
      const set = this.init.context.reassembly.complete(setKey)

      this.behind.delete(setKey)

      if (set != null) {
        this.makeUp(transition, set)
      }
    }
  }

  /**
   * What parity made up for need not come any more. SDS is told when nothing but the set itself
   * holds up the set: what cites the segments that never came must not come out before them.
   */
  private makeUp (transition: Transition, set: Complete): void {
    const { sds, clock } = this.init.context

    if (set.absent.length === 0) {
      return
    }

    if (!sds.unmet(set.anchor.messageId).every(id => set.dataMessageIds.includes(id))) {
      this.behind.add(set.setKey)

      return
    }

    const effects = sds.present(set.absent, clock.now(), set.dataMessageIds)

    // the set comes first, where its last segment was among those that never came
    this.queue(transition, set.setKey)
    transition.effects.push(...effects)
  }

  private async assemble (setKey: string): Promise<void> {
    const { reassembly, pause } = this.init.context
    const result = await inSlices(reassembly.assemble(setKey), pause)
    const transition = new Transition()

    this.working.delete(setKey)

    if (result?.state === 'complete') {
      this.makeUp(transition, result)
    }

    this.drainLine(transition)
    this.init.perform(transition)
  }

  /** Delivers a set, behind those before it that are still being put together. */
  private queue (transition: Transition, setKey: string): void {
    if (this.working.has(setKey) || this.line.size > 0) {
      this.line.add(setKey)
    } else {
      this.deliver(transition, setKey)
    }
  }

  /** Delivers what is released, up to the first set that is still being put together. */
  private drainLine (transition: Transition): void {
    for (const setKey of this.line) {
      if (this.working.has(setKey)) {
        return
      }

      this.line.delete(setKey)
      this.deliver(transition, setKey)
    }
  }

  /** A message comes out once all of it is here, and SDS has let every segment of it through. */
  private deliver (transition: Transition, setKey: string): void {
    const { context } = this.init
    const { sds, reassembly } = context
    const set = reassembly.complete(setKey)

    const isReleased = (id: string): boolean => sds.entry(id) != null

    // one made of parity alone waits for the causes that came with that
    if (set == null || !isReleased(set.anchor.messageId) || !set.dataMessageIds.every(id => set.absent.includes(id) || isReleased(id))) {
      return
    }

    const parsed = parseStreamFrame(set.payload)

    if (parsed.type === 'frame') {
      this.deliverFrame(transition, set, parsed.frame)
    } else {
      this.append(transition, set, parsed.payload)
    }

    reassembly.remove(setKey)
    this.late.delete(setKey)
    this.history.delete(setKey)
  }

  private append (transition: Transition, set: Complete, payload: Uint8Array): void {
    const { messages, clock } = this.init.context
    const lamport = this.lamportOf(set)

    if (this.lacking.delete(set.senderId)) {
      transition.after.push(() => { void this.releaseParity(set.senderId) })
    }

    this.enter(transition, messages.stage({
      ...this.describe(set),
      lamport,
      timestamp: timestampOf(set, lamport),
      receivedAt: clock.now(),
      size: payload.byteLength,
      segments: set.dataMessageIds.length === 1 ? undefined : set.dataMessageIds
    }, payload), payload)
  }

  private deliverFrame (transition: Transition, set: Complete, frame: StreamFrame): void {
    const { streams, clock, errors } = this.init.context
    const { messageId, senderId, hash } = set
    const result = streams.add({ frame, senderId, messageId, hash }, clock.now())

    switch (result.state) {
      case 'complete':
        this.appendStream(transition, set, result)
        break
      case 'rejected':
        transition.after.push(() => { errors.report(result.error) })
        break
      case 'partial':
        transition.after.push(() => {
          this.init.progress.tell({ direction: 'in', id: result.streamKey, segments: result.have, total: result.total, bytes: result.bytes, totalBytes: result.totalBytes })
        })
        break
      case 'duplicate':
    }
  }

  private appendStream (transition: Transition, set: Complete, stream: CompleteStream): void {
    const { messages, clock, streams } = this.init.context
    const lamport = this.lamportOf(set)

    this.enter(transition, messages.stage({
      ...this.describe(set),
      messageId: stream.messageId,
      // a stream stands where its last part does: what was said meanwhile comes before it
      lamport,
      timestamp: timestampOf(set, lamport),
      receivedAt: clock.now(),
      size: stream.size,
      parts: stream.frames.map(frame => frame.contentKey)
    }))
    streams.remove(stream.streamKey)
  }

  /** Lamport timestamps of one set are consecutive, as its salts are, so any of its segments tells that of the first. */
  private lamportOf ({ anchor }: Complete): number {
    return (this.init.context.sds.entry(anchor.messageId)?.lamportTimestamp ?? anchor.slot) - anchor.slot
  }

  private describe ({ setKey, messageId, senderId }: Complete): { messageId: string, senderId: string, sender: ReturnType<Roster['peerOf']>, own: boolean, late: boolean, history: boolean } {
    return {
      messageId,
      senderId,
      sender: this.init.roster.peerOf(senderId),
      own: senderId === this.init.context.options.senderId,
      late: this.late.has(setKey),
      history: this.history.has(setKey)
    }
  }

  private enter (transition: Transition, append: LogAppend, payload: Uint8Array = new Uint8Array(0)): void {
    const { messages, events, options, appended } = this.init.context

    transition.ops.push(...append.ops)
    transition.after.push(() => {
      const { message } = append

      messages.apply(append)

      if (!message.own && !message.history) {
        // the application may do with its bytes what it likes; the store's must not change
        events.emit('reliable:message:received', toReceived(options.channelId, message, new Uint8Array(payload)))
      }

      appended()
    })
  }
}

/** ms, the sender's claim */
function timestampOf (set: Complete, lamport: number): number {
  return set.saltBase == null ? lamport : Number(set.saltBase / 1_000_000n)
}
