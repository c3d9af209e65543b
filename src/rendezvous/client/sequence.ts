import { Keyspace } from '../../storage/keyspace.js'
import { toError } from '../../to-error.js'
import type { Clock } from '../../clock.js'
import type { Logger } from '@libp2p/interface'
import type { Datastore } from 'interface-datastore'

const PREFIX = '/holdfast/rendezvous/client'
const SEQUENCE = 'sequence'

export interface SequenceInit {
  /** a node may be a client of several variants */
  protocol: string
  /** between two numbers, at least @default 1 */
  step?: number
  clock: Clock
  /** numbers are forgotten at the end of the process when there is none */
  datastore?: Datastore
  log: Logger
}

/**
 * The numbers of our records: the time, as everywhere in libp2p, and more than any number
 * before where the clock was set back, over restarts too. Who holds a record takes one with a
 * lower number for an older one.
 */
export class Sequence {
  private readonly init: SequenceInit
  private readonly keyspace?: Keyspace
  private last?: number
  private turn: Promise<number> = Promise.resolve(0)

  constructor (init: SequenceInit) {
    this.init = init
    this.keyspace = init.datastore == null ? undefined : new Keyspace(init.datastore, `${PREFIX}/${encodeURIComponent(init.protocol)}`)
  }

  /** Resolves once it is stored. A datastore that fails costs no more than the memory of it. */
  async next (): Promise<number> {
    this.turn = this.turn.then(async () => await this.advance())

    return await this.turn
  }

  private async advance (): Promise<number> {
    const { clock, step = 1 } = this.init
    const next = Math.max(clock.now(), (this.last ?? await this.stored()) + step)
    this.last = next

    try {
      await this.keyspace?.putNumber(SEQUENCE, next)
    } catch (err) {
      this.init.log.error('the number of our record is not stored - %e', toError(err))
    }

    return next
  }

  private async stored (): Promise<number> {
    try {
      return await this.keyspace?.getNumber(SEQUENCE) ?? 0
    } catch (err) {
      this.init.log.error('the number of our last record cannot be read - %e', toError(err))

      return 0
    }
  }
}
