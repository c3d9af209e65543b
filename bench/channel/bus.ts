import { createEmitter } from '../../dist/src/mitt.js'
import type { MessageEnvelope, MessagingApi, MessagingEvents } from '../../dist/src/messaging/index.js'

export interface Bus {
  members: MessagingApi[]
  /** every envelope that was handed over goes here too */
  onEnvelope?: (envelope: MessageEnvelope, from: number) => void
}

/** A messaging layer in memory: what a member sends, the others have a turn of the promise queue later. */
export function createBus (count: number): Bus {
  const emitters = Array.from({ length: count }, () => createEmitter<MessagingEvents>())
  let sent = 0

  const bus: Bus = {
    members: emitters.map((events, from) => ({
      events,
      send: async envelope => {
        const requestId = `envelope-${++sent}`

        bus.onEnvelope?.(envelope, from)
        void Promise.resolve().then(() => {
          events.emit('message_sent', { requestId, messageHash: requestId })

          for (const other of emitters) {
            if (other !== events) {
              other.emit('message_received', { messageHash: requestId, message: envelope })
            }
          }
        })

        return requestId
      },
      subscribe: async () => {},
      unsubscribe: async () => {},
      subscribers: () => count - 1
    }))
  }

  return bus
}
