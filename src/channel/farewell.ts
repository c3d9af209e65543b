import { nextTask } from '../next-task.js'
import { Transition } from './transition.js'
import type { ChannelContext } from './context.js'
import type { Dispatcher } from './dispatcher.js'
import type { Transitions } from './transitions.js'

/** Turns of the event loop that a last message gets to leave in. */
const MAX_TURNS = 50

/**
 * Before we go, whoever waits for our acknowledgement gets it: otherwise they would resend until
 * we come back. A matter of turns of the event loop, not of time: nobody waits for the network.
 */
export async function farewell (context: ChannelContext, transitions: Transitions, dispatcher: Dispatcher): Promise<void> {
  const effects = context.sds.leave(context.clock.now())

  if (effects.length === 0) {
    return
  }

  transitions.perform(new Transition(effects))

  for (let turn = 0; turn < MAX_TURNS && (turn < 2 || dispatcher.inFlightCount > 0); turn++) {
    await nextTask()
  }
}
