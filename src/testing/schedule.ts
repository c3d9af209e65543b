import { fromString } from 'uint8arrays/from-string'
import { seededRandom } from './seeded-random.js'
import type { NetworkConditions } from './network-conditions.js'
import type { SimulatedMember, SimulationInit } from './types.js'

/** Payload bytes of a message whose size is not given. */
const DEFAULT_SIZE = 32

/** How long a crashed member stays down when nothing is said, in ms. */
const DEFAULT_DOWN_MS = 1_000

/** What a schedule acts upon. */
export interface Stage {
  readonly members: ReadonlyArray<SimulatedMember & { start (): Promise<void> }>
  partition (groups: number[][]): void
  heal (): void
  /** the network as the init has it, with these changes */
  resetConditions (changes?: Partial<NetworkConditions>): void
}

/** Something that happens to a simulation at a time. */
export interface Action {
  at: number
  /** for the trace */
  text: string
  act (): void
}

/** The schedule of an init as single actions. What a dead member should do is skipped. */
export function compileSchedule (init: SimulationInit, run: Stage): Action[] {
  const actions: Action[] = []
  const add = (at: number, text: string, act: () => void): void => { actions.push({ at, text, act }) }

  init.partitions?.forEach(({ at, until, groups }) => {
    add(at, `partition ${JSON.stringify(groups)}`, () => { run.partition(groups) })
    add(until, 'the partition heals', () => { run.heal() })
  })
  init.weather?.forEach(({ at, until, ...conditions }) => {
    add(at, `the network has ${JSON.stringify(conditions)}`, () => { run.resetConditions(conditions) })
    add(until, 'the network is as before', () => { run.resetConditions() })
  })
  init.offline?.forEach(({ at, until, member }) => {
    add(at, `member ${member} goes offline`, () => { run.members[member].setOnline(false) })
    add(until, `member ${member} comes online`, () => { run.members[member].setOnline(true) })
  })
  init.joins?.forEach(({ at, member }) => {
    add(at, `member ${member} joins`, () => { void run.members[member].start() })
  })
  init.crashes?.forEach(({ at, member, downMs = DEFAULT_DOWN_MS, write }) => {
    const victim = run.members[member]

    add(at, `member ${member} crashes${write == null ? '' : ` at write ${write}`}`, () => {
      write == null ? victim.crash() : victim.crashAtWrite(write)
    })
    add(at + downMs, `member ${member} starts again`, () => { void victim.restart() })
  })
  init.closes?.forEach(({ at, until, member }) => {
    const who = run.members[member]

    add(at, `member ${member} closes its channels`, () => {
      who.alive && who.channels.listChannels().forEach(channel => { void channel.close() })
    })
    add(until, `member ${member} opens its channels`, () => {
      // two closings may overlap
      if (who.alive && who.channels.listChannels().length === 0) {
        void init.app?.(who).catch(() => {})
      }
    })
  })
  init.traffic?.forEach(({ at, member, size = DEFAULT_SIZE, ephemeral, channelId, text }, number) => {
    const payload = text == null ? payloadOf(init, number, size) : fromString(text)

    add(at, `member ${member} sends ${payload.byteLength} bytes`, () => { say(run, member, payload, { ephemeral, channelId }) })
  })

  return actions.sort((a, b) => a.at - b.at)
}

/** Sends on a channel of the member, if it has one. What is refused is in the history. */
export function say (run: Stage, member: number, payload: Uint8Array, options: { ephemeral?: boolean, channelId?: string } = {}): void {
  const who = run.members[member]
  const channel = who.alive
    ? who.channels.listChannels().find(({ channelId }) => channelId === (options.channelId ?? channelId))
    : undefined

  channel?.send(payload, { ephemeral: options.ephemeral }).catch(() => {})
}

function payloadOf ({ seed }: SimulationInit, number: number, size: number): Uint8Array {
  const payload = seededRandom(`${seed}/payload/${number}`).bytes(size)

  payload.set(fromString(`#${number} `).subarray(0, size))

  return payload
}
