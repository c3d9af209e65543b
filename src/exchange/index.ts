/**
 * What was missed comes straight from the members.
 *
 * A channel joins the exchange with what it holds and takes in, and says what it lacks. The
 * exchange finds out who has it, asks, checks what comes, and serves others. Peers prove to each
 * other that they know the channel before either learns anything; a stranger gets nothing.
 *
 * @example
 *
 * ```ts
 * const libp2p = await createLibp2p({ services: { identify: identify(), exchange: exchange() } })
 * const membership = libp2p.services.exchange.join(channel)
 *
 * membership.want([{ messageId, citer, attempt: 1 }])
 * await membership.history({ mode: 'recent', limit: 500 })
 * ```
 */

import { Exchange } from './exchange.js'
import type { ExchangeComponents } from './components.js'
import type { ExchangeInit } from './config.js'
import type { MessageExchange } from './types.js'
import type { Startable } from '@libp2p/interface'

/** The exchange as a libp2p service. */
export function exchange (init: ExchangeInit = {}): (components: ExchangeComponents) => MessageExchange & Startable {
  return (components) => new Exchange(components, init)
}

export { EXCHANGE_PROTOCOL, MAX_PAYLOAD_BYTES } from './constants.js'
export { AccessDeniedError, AlreadyJoinedError, ExchangeProtocolError, PeerBusyError, SessionClosedError } from './errors.js'
export { CreditPolicy } from './ledger/credit-policy.js'
export type { CreditPolicyInit } from './ledger/credit-policy.js'
export { FairPolicy } from './ledger/fair-policy.js'
export type { ExchangeComponents } from './components.js'
export type { ExchangeInit } from './config.js'
export type { Account, ExchangePolicy } from './ledger/policy.js'
export type * from './types.js'
