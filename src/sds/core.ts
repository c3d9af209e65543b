import { createDeadline, Deadlines } from './deadlines.js'
import { Log } from './log.js'
import { OwnClock } from './own-clock.js'
import { Recorder } from './recorder.js'
import { SeenIds } from './seen-ids.js'
import { Senders } from './senders.js'
import { Timeline } from './timeline.js'
import type { Deadline } from './deadlines.js'
import type { JoinMark } from './join.js'
import type { Ceilings } from './own-clock.js'
import type { StateRecord } from './pb/state.js'
import type { SdsConfig, SdsEffect, SdsInit } from './types.js'
import type { Random } from '../clock.js'

/** What the parts of one channel's SDS share. */
export class Core {
  readonly channelId: string
  readonly senderId: string
  readonly random: Random
  readonly timeline: Timeline
  readonly deadlines = new Deadlines()
  readonly seen: SeenIds
  readonly log: Log
  readonly senders = new Senders()
  readonly recorder: Recorder
  /** replaced when a state is read back */
  clock: OwnClock
  /** ephemeral messages up to this salt (ns) may have been delivered before a restart */
  ephemeralCeiling = 0n
  lostCount = 0
  /** the wall clock as last told, ms */
  wall: number
  private effects: SdsEffect[] = []
  private stateDirty = true

  constructor (init: SdsInit, readonly config: SdsConfig, public join: JoinMark) {
    this.channelId = init.channelId
    this.senderId = init.senderId
    this.random = init.random
    this.wall = init.now
    this.timeline = new Timeline(init.now)
    this.seen = new SeenIds(config.maxSeen, init.random)
    this.log = new Log(this.seen)
    this.recorder = new Recorder(init.persistent ?? true)
    this.clock = new OwnClock({ lamport: 0, salt: 0n })
  }

  /** Every input begins with it. */
  advance (now: number): number {
    this.wall = Math.floor(now)

    return this.timeline.advance(this.wall)
  }

  emit (effect: SdsEffect): void {
    this.effects.push(effect)
  }

  takeEffects (): SdsEffect[] {
    const effects = this.effects
    this.effects = []

    return effects
  }

  timer (fire: (now: number) => void): Deadline {
    return createDeadline(fire)
  }

  /** Never at once: one tick always ends. */
  schedule (deadline: Deadline, at: number): void {
    this.deadlines.schedule(deadline, Math.max(at, this.timeline.now + 1))
  }

  /** The state record has to be written with the next operations. */
  touchState (): void {
    this.stateDirty = true
  }

  /** Called before operations are taken: writes the state record when it changed. */
  noteState (): void {
    const ceilings = this.clock.ceilings()

    if (ceilings != null || this.stateDirty) {
      this.recorder.state(this.stateRecord(ceilings))
      this.stateDirty = false

      if (ceilings != null) {
        this.clock.stored(ceilings)
      }
    }
  }

  stateRecord (ceilings: Ceilings = this.clock.durableCeilings): StateRecord {
    const { createdAt, mark, firstLiveAt } = this.join.state

    return {
      lamportCeiling: ceilings.lamport,
      saltCeiling: ceilings.salt,
      ephemeralCeiling: this.ephemeralCeiling,
      floor: this.seen.floor,
      createdAt,
      joinMark: mark,
      firstLiveAt,
      lost: this.lostCount
    }
  }
}
