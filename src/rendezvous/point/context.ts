import type { PointConfig } from './config.js'
import type { DiscoverPage } from './discover-page.js'
import type { Registration, RegistrationInit, RegistrationStore } from './registration-store.js'
import type { RendezvousPointEvents } from './types.js'
import type { Clock, Random } from '../../clock.js'
import type { Emitter } from '../emitter.js'
import type { PeerId } from '@libp2p/interface'

/** Where registrations go beyond memory. */
export interface RegistrationSink {
  put (registration: RegistrationInit & { sequence: number }): Promise<void>
  delete (registrations: readonly Registration[]): Promise<void>
}

/** What the handlers of a point's requests work with. */
export interface PointContext {
  readonly config: PointConfig
  readonly store: RegistrationStore
  /** for one request at a time, without an `await` between */
  readonly page: DiscoverPage
  /** absent: memory only */
  readonly sink?: RegistrationSink
  /** of the store, for its cookies */
  readonly epoch: number
  readonly events: Emitter<RendezvousPointEvents>
  readonly clock: Clock
  readonly random: Random
  /** called after the store changed */
  onChange (): void
  /** whether the peer's software is known to read legacy envelopes only */
  isLegacy (peer: PeerId): Promise<boolean>
}

/** Thrown by a handler: what the requester is told. */
export class Refusal extends Error {
  static name = 'Refusal'
  name = 'Refusal'

  readonly status: number

  constructor (status: number, text: string) {
    super(text)
    this.status = status
  }
}
