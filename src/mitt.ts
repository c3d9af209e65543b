import * as module from 'mitt'
import type { Emitter, EventHandlerMap, EventType } from 'mitt'

// mitt's types describe a CommonJS module, so that under nodenext its default export
// cannot be called; at run time it is the function. No other file imports the value.
const mitt = module.default as unknown as <E extends Record<EventType, unknown>> (all?: EventHandlerMap<E>) => Emitter<E>

/** A synchronous event emitter: a handler that throws stops the ones after it. */
export function createEmitter<E extends Record<EventType, unknown>> (): Emitter<E> {
  return mitt<E>()
}
