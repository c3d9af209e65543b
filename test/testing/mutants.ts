import { Committer } from '../../src/channel/committer.js'
import { ChannelEngine } from '../../src/channel/engine.js'
import { Events } from '../../src/channel/events.js'
import { Membership } from '../../src/channel/membership.js'
import { Past } from '../../src/channel/past.js'
import { Requests } from '../../src/channel/requests.js'
import { Transitions } from '../../src/channel/transitions.js'
import { Upkeep } from '../../src/channel/upkeep.js'
import { Asker } from '../../src/exchange/asking/asker.js'
import { History } from '../../src/exchange/history/history.js'
import { Membership as ExchangeMembership } from '../../src/exchange/membership.js'
import { Acknowledgements } from '../../src/sds/acknowledgements.js'
import { Dependencies } from '../../src/sds/dependencies.js'
import { JoinMark } from '../../src/sds/join.js'
import { Log } from '../../src/sds/log.js'
import { Missing } from '../../src/sds/missing.js'
import { Receiver } from '../../src/sds/receiver.js'
import { Recorder } from '../../src/sds/recorder.js'
import { Reassembly } from '../../src/segmentation/index.js'
import { JournaledStore } from '../../src/storage/index.js'

type Method = (this: unknown, ...args: unknown[]) => unknown

/** A fault that somebody could have made. `install()` returns the way to take it out again. */
export interface Mutant {
  name: string
  install (): () => void
}

/** Replaces a method of a class for all its instances. */
function mutant (name: string, { prototype }: { prototype: object }, method: string, make: (original: Method) => Method): Mutant {
  return {
    name,
    install: () => {
      const original = Reflect.getOwnPropertyDescriptor(prototype, method)

      if (typeof original?.value !== 'function') {
        throw new Error(`the mutant "${name}" is out of date: there is no method ${method} any more`)
      }

      Object.defineProperty(prototype, method, { ...original, value: make(original.value as Method) })

      return () => { Object.defineProperty(prototype, method, original) }
    }
  }
}

interface Effect { type: string, messageId?: string, senderId?: string }

/** What happens to the effects of SDS on their way to the channel. */
function effectMutant (name: string, change: (effect: Effect) => Effect[]): Mutant {
  return mutant(name, Transitions, 'carryOut', original => function (transition, effect, ...rest) {
    change(effect as Effect).forEach(changed => { original.call(this, transition, changed, ...rest) })
  })
}

export const MUTANTS: Mutant[] = [
  mutant('messages do not wait for their dependencies', Receiver, 'unmet', () => () => []),

  mutant('a parked message counts as delivered to those that wait for it', Dependencies, 'isWaitable', () => () => false),

  mutant('a message cites only the newest one', Log, 'cite', original => function (...args) {
    return (original.apply(this, args) as unknown[]).slice(0, 1)
  }),

  mutant('what is emitted is told twice', Events, 'emit', original => function (type, event) {
    original.call(this, type, event)

    if (type === 'reliable:message:received') {
      original.call(this, type, event)
    }
  }),

  mutant('events are told before they are durable', Committer, 'push', original => function (ops, after) {
    (after as () => void)()
    original.call(this, ops, () => {})
  }),

  mutant('close() does not wait for what is under way', ChannelEngine, 'shutDown', original => async function (this: unknown, ...args) {
    void original.apply(this, args)
  }),

  mutant('the outbox is not stored', Requests, 'save', () => () => ({ key: 'nothing' })),

  mutant('a commit is over before it is stored', JournaledStore, 'commit', original => async function (this: unknown, ...args) {
    void (original.apply(this, args) as Promise<void>).catch(() => {})
  }),

  mutant('the journal is not replayed', JournaledStore, 'replay', () => async () => {}),

  mutant('nothing is sent again', Upkeep, 'retransmit', () => () => {}),

  mutant('giving up counts as an acknowledgement', Acknowledgements, 'resend', original => function (outgoing) {
    const { slot, attempts } = outgoing as { slot: number, attempts: number }

    if (attempts >= 2) {
      ['member-0', 'member-1', 'member-2', 'member-3', 'member-4'].forEach(member => { (this as Acknowledgements).receipt(slot, member) })
    }

    original.call(this, outgoing)
  }),

  mutant('every filter acknowledges everything', Acknowledgements, 'review', () => function (this: unknown, _filter: unknown, senderId: unknown) {
    const { outgoing } = this as { outgoing: Map<number, unknown> }

    for (const slot of outgoing.keys()) {
      (this as Acknowledgements).receipt(slot, String(senderId))
    }
  }),

  mutant('message IDs are not checked', Receiver, 'isGenuine', () => () => true),

  mutant('whoever is named is the sender', Receiver, 'isForUs', original => function (message, context) {
    return original.call(this, message, { ...context as object, verifiedSenderId: undefined })
  }),

  mutant('what was before the joining is missed', JoinMark, 'isOlder', () => () => false),

  mutant('messages are given up too early', Missing, 'fire', original => function (this: unknown, now) {
    const { since } = this as Missing

    original.call(this, (now as number) - since > 10_000 ? (now as number) + 50_000 : now)
  }),

  effectMutant('what is lost is not told', effect => effect.type === 'lost' ? [] : [effect]),

  mutant('parked messages are forgotten in a restart', Recorder, 'parked', () => () => {}),

  mutant('segments are put together in the wrong order', Reassembly, 'complete', original => function (...args) {
    const set = original.apply(this, args) as { payload: Uint8Array } | undefined

    set?.payload.reverse()

    return set
  })
]

/** Faults of what is fetched straight from others: they show only where there is an exchange. */
export const EXCHANGE_MUTANTS: Mutant[] = [
  mutant('logs are not compared', ExchangeMembership, 'reconcile', () => async () => undefined),

  mutant('the past is not fetched', Past, 'fetch', () => async () => {}),

  mutant('nobody checks what one member lists', History, 'check', () => async () => undefined),

  mutant('whatever is delivered is what was asked for', Membership, 'accept', original => async function (this: unknown, ...args) {
    await original.apply(this, args)

    return { result: 'accepted' }
  }),

  mutant('who does not deliver is waited for', Asker, 'failed', () => () => {})
]
