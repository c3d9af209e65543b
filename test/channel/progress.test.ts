import { describe, expect, test } from 'vitest'
import { Events } from '../../src/channel/events.js'
import { ProgressReports } from '../../src/channel/progress.js'
import { device } from './harness.js'
import type { ChannelEvents } from '../../src/channel/types.js'

describe('progress', () => {
  test('is told ten times a second at most for each message, and at its end', () => {
    let now = 0
    const told: Array<[string, number]> = []
    const events = new Events<ChannelEvents>()
    const reports = new ProgressReports('tea', { now: () => now, setTimer: () => () => {} }, events)
    events.on('reliable:message:progress', ({ id, segments }) => { told.push([id, segments]) })

    for (let segments = 1; segments <= 50; segments++) {
      for (const id of ['a', 'b']) {
        reports.tell({ direction: 'in', id, segments, total: 50, bytes: segments, totalBytes: 50 })
      }

      now += 10
    }

    reports.tell({ direction: 'in', id: 'small', segments: 1, total: 1, bytes: 1, totalBytes: 1 })
    expect(told.filter(([id]) => id === 'a').map(([, segments]) => segments)).toEqual([1, 11, 21, 31, 41, 50])
    expect(told.length).toBe(12)
  })

  test('goes outward too', async () => {
    const alice = await device({ name: 'alice' })
    const channel = await alice.open('tea', { segmentation: { segmentSizeBytes: 1_024 } })

    await channel.send(new Uint8Array(20_000))
    await alice.clock.settle()
    expect(alice.of('reliable:message:progress').at(-1)).toMatchObject({ direction: 'out', total: 23, segments: 23, bytes: 20_000, totalBytes: 20_000 })
  })
})
