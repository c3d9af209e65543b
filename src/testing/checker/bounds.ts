import type { Bounds, Violation } from './types.js'
import type { Observation } from '../history.js'
import type { ChannelStatus } from '../../channel/index.js'

/** G5: no bound is exceeded. G7: nothing from the network throws. */
export function checkBounds (history: readonly Observation[], bounds: Bounds): Violation[] {
  const violations: Violation[] = []

  for (const seen of history) {
    const about = { at: seen.at, channelId: seen.channelId, members: [seen.member], messageIds: [] }

    if (seen.type === 'status') {
      for (const [name, bound] of Object.entries(bounds)) {
        const value = seen.status[name as keyof ChannelStatus]

        if (typeof value === 'number' && value > bound) {
          violations.push({ ...about, guarantee: 'G5', message: `member ${seen.member} has ${value} ${name}, ${bound} are allowed` })
        }
      }
    } else if (seen.type === 'store' && seen.bytes > (bounds.storeBytes ?? Infinity)) {
      violations.push({ ...about, guarantee: 'G5', message: `member ${seen.member} stores ${seen.bytes} bytes, ${bounds.storeBytes} are allowed` })
    } else if (seen.type === 'threw') {
      violations.push({ ...about, guarantee: 'G7', message: `member ${seen.member} threw on something from the network: ${String(seen.error)}` })
    }
  }

  return violations
}
