import { InvalidParametersError } from '@libp2p/interface'

/** Timestamps and salts are reserved this far ahead, so that not every message writes them, ms. */
const RESERVE_MS = 1_000
const NS_PER_MS = 1_000_000n
/** Salts in one reservation of the caller. */
const MAX_RESERVED = 1 << 24

/** Ceilings as stored: nothing of ours above them was ever used. */
export interface Ceilings {
  lamport: number
  salt: bigint
}

/** Our Lamport clock and our salts. Neither goes back, restarts included. */
export class OwnClock {
  /** ms */
  lamport: number
  /** the last one handed out */
  salt: bigint
  /** what a restart would begin from */
  private durable: Ceilings

  constructor (ceilings: Ceilings) {
    this.lamport = ceilings.lamport
    this.salt = ceilings.salt
    this.durable = { ...ceilings }
  }

  /** The timestamp of a message that we send now. */
  tick (now: number): number {
    this.lamport = Math.max(now, this.lamport + 1)

    return this.lamport
  }

  /** Takes in the timestamp of a delivered message. */
  merge (lamport: number): void {
    this.lamport = Math.max(this.lamport, lamport)
  }

  /** The first of `count` consecutive salts that are nobody else's from now on. */
  reserve (count: number, now: number): bigint {
    if (!Number.isInteger(count) || count < 1 || count > MAX_RESERVED) {
      throw new InvalidParametersError(`from 1 to ${MAX_RESERVED} salts can be reserved, not ${count}`)
    }

    const wall = BigInt(now) * NS_PER_MS
    const base = wall > this.salt ? wall : this.salt + 1n
    this.salt = base + BigInt(count) - 1n

    return base
  }

  /** Salts from outside: those up to `last` are used. */
  mergeSalt (last: bigint): void {
    this.salt = last > this.salt ? last : this.salt
  }

  get durableCeilings (): Ceilings {
    return this.durable
  }

  /** Ceilings to store before what was made so far may leave; undefined while the stored ones do. */
  ceilings (): Ceilings | undefined {
    if (this.lamport <= this.durable.lamport && this.salt <= this.durable.salt) {
      return undefined
    }

    return { lamport: this.lamport + RESERVE_MS, salt: this.salt + BigInt(RESERVE_MS) * NS_PER_MS }
  }

  /** The ceilings are stored. */
  stored (ceilings: Ceilings): void {
    this.durable = {
      lamport: Math.max(this.durable.lamport, ceilings.lamport),
      salt: ceilings.salt > this.durable.salt ? ceilings.salt : this.durable.salt
    }
  }
}
