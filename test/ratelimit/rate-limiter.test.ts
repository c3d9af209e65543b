import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RateLimitedError, RateLimiter, RateLimitQueueFullError } from '../../src/ratelimit/index.js'
import { SimulatedClock } from '../../src/testing/simulated-clock.js'
import type { Quota, RateLimitConfig, RateLimitKind, RateLimitState } from '../../src/ratelimit/index.js'

const PERIOD_MS = 600_000
/** in the middle of an epoch */
const START = 2_900_000 * PERIOD_MS + 250_000

function create (config: Partial<RateLimitConfig> = {}, start = START): { clock: SimulatedClock, limiter: RateLimiter, states: RateLimitState[] } {
  const clock = new SimulatedClock(start)
  const states: RateLimitState[] = []
  const limiter = new RateLimiter({ enabled: true, messagesPerEpoch: 10, ...config }, { clock, onState: state => { states.push(state) } })

  return { clock, limiter, states }
}

function takeAll (limiter: RateLimiter, kind: RateLimitKind): number {
  let taken = 0

  while (taken < 10_000 && limiter.tryTake(kind)) {
    taken++
  }

  return taken
}

/** Records who was admitted, in order. */
function queue (limiter: RateLimiter, name: string, admitted: string[], options: { priority?: number, signal?: AbortSignal, kind?: RateLimitKind } = {}): Promise<void> {
  return limiter.take(options.kind ?? 'content', options).then(() => { admitted.push(name) }, (err: Error) => { admitted.push(`${name}: ${err.name}`) })
}

describe('rate limiter', () => {
  it('passes everything when disabled, which is the default', async () => {
    const limiter = new RateLimiter({ messagesPerEpoch: 0 }, { clock: new SimulatedClock() })

    expect(takeAll(limiter, 'content')).to.equal(10_000)
    expect(takeAll(limiter, 'ephemeral')).to.equal(10_000)
    await limiter.take('upkeep')
    expect(limiter.state()).to.deep.equal({ state: 'ok' })
  })

  it('admits none with zero messages, and arms no timer for it', async () => {
    const { clock, limiter } = create({ messagesPerEpoch: 0 })
    const admitted: string[] = []

    expect(['content', 'upkeep', 'ephemeral'].filter(kind => limiter.tryTake(kind as RateLimitKind))).to.deep.equal([])
    expect(limiter.state()).to.deep.equal({ state: 'exhausted' })
    expect(limiter.expectedAt()).to.equal(undefined)
    const waiting = queue(limiter, 'a', admitted)
    await clock.advance(3 * PERIOD_MS)
    expect(admitted).to.deep.equal([])
    expect(clock.pending).to.equal(0)
    limiter.close()
    await waiting
    expect(admitted).to.deep.equal(['a: AbortError'])
  })

  it.each<[string, Partial<RateLimitConfig>]>([
    ['a zero period', { epochPeriodSec: 0 }],
    ['an endless period', { epochPeriodSec: Infinity }],
    ['a negative limit', { messagesPerEpoch: -1 }],
    ['half a message', { messagesPerEpoch: 1.5 }],
    ['a share of everything', { upkeepShare: 1 }],
    ['no number as share', { upkeepShare: NaN }],
    ['an endless queue', { maxQueued: Infinity }],
    ['a provider that is no function', { quotaProvider: 7 as unknown as () => undefined }]
  ])('refuses %s', (_, config) => {
    expect(() => new RateLimiter(config)).to.throw().with.property('name', 'InvalidParametersError')
  })

  it('P13: keeps a share for upkeep, which neither spends nor is spent by content', () => {
    const { limiter } = create()

    expect(takeAll(limiter, 'upkeep')).to.equal(2)
    expect(takeAll(limiter, 'content')).to.equal(8)
    expect(limiter.snapshot()).to.deep.include({ content: 8, upkeep: 2 })
  })

  it('P13: splits any limit without loss', () => {
    fc.assert(fc.property(fc.nat(2000), fc.double({ min: 0, max: 0.999, noNaN: true }), (messagesPerEpoch, upkeepShare) => {
      const { limiter } = create({ messagesPerEpoch, upkeepShare })
      const [content, upkeep] = [takeAll(limiter, 'content'), takeAll(limiter, 'upkeep')]

      expect(content + upkeep).to.equal(messagesPerEpoch)
      expect(messagesPerEpoch === 0 || content > 0).to.equal(true)
      expect(upkeepShare === 0 || messagesPerEpoch < 2 || upkeep > 0).to.equal(true)
    }))
  })

  it('P35: starts its epochs at those of the wall clock', async () => {
    const { clock, limiter } = create()
    takeAll(limiter, 'content')

    await clock.advance(349_999)
    expect(limiter.tryTake('content')).to.equal(false)
    await clock.advance(1)
    expect(limiter.epoch).to.equal(2_900_001)
    expect(takeAll(limiter, 'content')).to.equal(8)
  })

  it('P35: goes on counting after a restart', () => {
    const before = create()
    before.limiter.tryTake('content')
    before.limiter.tryTake('content')
    before.limiter.tryTake('upkeep')
    const after = create()
    after.limiter.restore(before.limiter.snapshot())

    expect(takeAll(after.limiter, 'content')).to.equal(6)
    expect(takeAll(after.limiter, 'upkeep')).to.equal(1)
  })

  it('P35: ignores the count of an epoch that is over, and keeps one of an epoch to come', () => {
    const { limiter } = create()
    limiter.restore({ epoch: 2_899_999, content: 8, upkeep: 2 })
    expect(limiter.snapshot()).to.deep.equal({ epoch: 2_900_000, content: 0, upkeep: 0 })

    limiter.restore({ epoch: 2_900_500, content: 8, upkeep: 2 })
    expect(limiter.snapshot()).to.deep.equal({ epoch: 2_900_000, content: 8, upkeep: 2 })
  })

  it('does not refill when the clock steps back over a boundary and forth again', () => {
    let now = START
    const limiter = new RateLimiter({ enabled: true, messagesPerEpoch: 10 }, { clock: { now: () => now, setTimer: () => () => {} } })

    now = 2_900_001 * PERIOD_MS
    expect(takeAll(limiter, 'content')).to.equal(8)
    now -= 5
    expect(takeAll(limiter, 'content')).to.equal(0)
    now += 5
    expect(takeAll(limiter, 'content')).to.equal(0)
    now += PERIOD_MS
    expect(takeAll(limiter, 'content')).to.equal(8)
    now -= 10 * PERIOD_MS
    expect(takeAll(limiter, 'content')).to.equal(0)
    now += PERIOD_MS
    expect(takeAll(limiter, 'content')).to.equal(8)
  })

  it('releases those who wait at the epoch, in order, as many as it grants', async () => {
    const { clock, limiter } = create({ messagesPerEpoch: 2, upkeepShare: 0 })
    const admitted: string[] = []
    takeAll(limiter, 'content')
    const names = ['a', 'b', 'c', 'd', 'e']
    names.forEach(name => { void queue(limiter, name, admitted) })

    await clock.advance(349_999)
    expect(admitted).to.deep.equal([])
    await clock.advance(1)
    expect(admitted).to.deep.equal(['a', 'b'])
    expect(limiter.queued).to.equal(3)
    await clock.advance(PERIOD_MS)
    expect(admitted).to.deep.equal(['a', 'b', 'c', 'd'])
    await clock.advance(PERIOD_MS)
    expect(admitted).to.deep.equal(names)
  })

  it('lets higher priorities go first, and each in order', async () => {
    const { clock, limiter } = create({ messagesPerEpoch: 5, upkeepShare: 0 })
    const admitted: string[] = []
    takeAll(limiter, 'content')

    for (const [name, priority] of [['low', 0], ['top', 9], ['mid', 5], ['low 2', 0], ['mid 2', 5]] as const) {
      void queue(limiter, name, admitted, { priority })
    }

    await clock.advance(PERIOD_MS)
    expect(admitted).to.deep.equal(['top', 'mid', 'mid 2', 'low', 'low 2'])
  })

  it('lets nobody past those who wait', async () => {
    const { clock, limiter } = create({ messagesPerEpoch: 1, upkeepShare: 0 })
    const admitted: string[] = []
    limiter.tryTake('content')
    void queue(limiter, 'a', admitted)
    void queue(limiter, 'b', admitted)

    await clock.advance(PERIOD_MS)
    expect(admitted).to.deep.equal(['a'])
    expect(limiter.tryTake('content')).to.equal(false)
  })

  it('P36: bounds the queue with a typed error', async () => {
    const { clock, limiter } = create({ maxQueued: 2 })
    const admitted: string[] = []
    takeAll(limiter, 'content')
    void queue(limiter, 'a', admitted)
    void queue(limiter, 'b', admitted)

    await expect(limiter.take('content')).rejects.toBeInstanceOf(RateLimitQueueFullError)
    await clock.advance(PERIOD_MS)
    expect(admitted).to.deep.equal(['a', 'b'])
  })

  it('P36: refuses ephemeral messages near the limit instead of queueing them', async () => {
    const { limiter } = create({ messagesPerEpoch: 10, upkeepShare: 0 })

    expect(takeAll(limiter, 'ephemeral')).to.equal(8)
    expect(limiter.tryTake('content')).to.equal(true)
    await expect(limiter.take('ephemeral')).rejects.toBeInstanceOf(RateLimitedError)
    takeAll(limiter, 'content')
    await expect(limiter.take('ephemeral')).rejects.toMatchObject({ resumesAt: 2_900_001 * PERIOD_MS })
    expect(limiter.queued).to.equal(0)
  })

  it('tells its state on each change, and when sending resumes', async () => {
    const { clock, limiter, states } = create({ messagesPerEpoch: 10, upkeepShare: 0 })
    takeAll(limiter, 'content')
    await clock.advance(PERIOD_MS)

    expect(states).to.deep.equal([{ state: 'approaching' }, { state: 'exhausted', resumesAt: 2_900_001 * PERIOD_MS }, { state: 'ok' }])
    expect(limiter.state()).to.equal(limiter.state())
    expect(clock.pending).to.equal(0)
  })

  it('gives a charge back to one that never left, in its own epoch only', async () => {
    const { clock, limiter } = create({ messagesPerEpoch: 2, upkeepShare: 0 })
    const admitted: string[] = []
    takeAll(limiter, 'content')
    const { epoch } = limiter
    void queue(limiter, 'a', admitted)

    limiter.refund('content')
    await clock.settle()
    expect(admitted).to.deep.equal(['a'])

    await clock.advance(PERIOD_MS)
    limiter.tryTake('content')
    limiter.refund('content', epoch)
    expect(limiter.snapshot()).to.deep.include({ content: 1 })
    limiter.refund('content')
    limiter.refund('content')
    expect(limiter.snapshot()).to.deep.include({ content: 0 })
  })

  it('says when a message is expected to leave', () => {
    const { limiter } = create({ messagesPerEpoch: 3, upkeepShare: 0 })
    const at = (epochs: number): number => (2_900_000 + epochs) * PERIOD_MS

    expect(limiter.expectedAt()).to.equal(START)
    expect(limiter.expectedAt(2)).to.equal(START)
    expect(limiter.expectedAt(3)).to.equal(at(1))
    takeAll(limiter, 'content')
    expect([0, 2, 3, 5, 6].map(position => limiter.expectedAt(position))).to.deep.equal([at(1), at(1), at(2), at(2), at(3)])
  })

  it('lets go of one who aborts, and rejects the rest when it closes', async () => {
    const { clock, limiter } = create({ messagesPerEpoch: 1, upkeepShare: 0 })
    const admitted: string[] = []
    const controller = new AbortController()
    limiter.tryTake('content')
    const all = [queue(limiter, 'a', admitted, { signal: controller.signal }), queue(limiter, 'b', admitted), queue(limiter, 'c', admitted, { kind: 'upkeep' })]

    controller.abort()
    await clock.settle()
    expect(limiter.queued).to.equal(2)
    limiter.close(new RateLimitedError('closing'))
    await Promise.all(all)
    expect(admitted).to.deep.equal(['a: AbortError', 'b: RateLimitedError', 'c: RateLimitedError'])
    expect(clock.pending).to.equal(0)
    expect(limiter.tryTake('content')).to.equal(false)
    await expect(limiter.take('content')).rejects.toBeInstanceOf(RateLimitedError)
  })

  it('refuses a priority that is none before anything is charged', async () => {
    const { limiter } = create()

    await expect(limiter.take('content', { priority: 10 })).rejects.toMatchObject({ name: 'InvalidParametersError' })
    await expect(limiter.take('content', { signal: AbortSignal.abort() })).rejects.toMatchObject({ name: 'AbortError' })
    expect(limiter.snapshot()).to.deep.include({ content: 0 })
  })
})

describe('rate limiter with a quota provider', () => {
  it('is tightened by the provider', () => {
    const { limiter } = create({ upkeepShare: 0, quotaProvider: () => ({ epoch: 7, messages: 3 }) })

    expect(takeAll(limiter, 'content')).to.equal(3)
  })

  it('is never widened: the configured limit holds, whatever the provider grants and however fast its epochs pass', () => {
    let epoch = 0
    const { limiter } = create({ upkeepShare: 0, quotaProvider: () => ({ epoch: epoch++, messages: 1000 }) })

    expect(takeAll(limiter, 'content')).to.equal(10)
  })

  it('falls back to the wall clock and its own limit', () => {
    for (const quotaProvider of [() => undefined, () => ({ epoch: 1, messages: NaN }), () => { throw new Error('no RLN') }]) {
      expect(takeAll(create({ upkeepShare: 0, quotaProvider }).limiter, 'content')).to.equal(10)
    }
  })

  it('releases at the end of the provider\'s epoch', async () => {
    let quota: Quota = { epoch: 1, messages: 2, endsAt: START + 5000 }
    const { clock, limiter, states } = create({ upkeepShare: 0, quotaProvider: () => quota })
    const admitted: string[] = []
    takeAll(limiter, 'content')
    void queue(limiter, 'a', admitted)
    expect(states.at(-1)).to.deep.equal({ state: 'exhausted', resumesAt: START + 5000 })

    await clock.advance(4999)
    expect(admitted).to.deep.equal([])
    quota = { epoch: 2, messages: 2, endsAt: START + 10_000 }
    await clock.advance(1)
    expect(admitted).to.deep.equal(['a'])
  })

  it('takes a negative quota for none', () => {
    expect(takeAll(create({ quotaProvider: () => ({ epoch: 1, messages: -5 }) }).limiter, 'content')).to.equal(0)
  })
})

describe('rate limiter, cost', () => {
  it('P63: within the limit a message is a synchronous count, without a promise, a timer or a job', () => {
    const { clock, limiter } = create({ messagesPerEpoch: 1_000_000, upkeepShare: 0 })
    const result: unknown = limiter.tryTake('content')

    expect(result).to.equal(true)
    expect(clock.pending).to.equal(0)
    expect(limiter.queued).to.equal(0)
  })

  it('P63: one timer serves all who wait', () => {
    const { clock, limiter } = create({ messagesPerEpoch: 1, upkeepShare: 0 })
    const admitted: string[] = []
    limiter.tryTake('content')

    for (let i = 0; i < 500; i++) {
      void queue(limiter, `${i}`, admitted)
    }

    expect(clock.pending).to.equal(1)
    limiter.close()
  })

  it('holds its limits under any sequence of calls', async () => {
    await fc.assert(fc.asyncProperty(fc.array(fc.oneof(
      fc.record({ kind: fc.constantFrom<RateLimitKind>('content', 'ephemeral', 'upkeep') }),
      fc.record({ ms: fc.nat(PERIOD_MS) })
    ), { maxLength: 60 }), async steps => {
      const { clock, limiter } = create({ messagesPerEpoch: 6, maxQueued: 5 })
      const charged = new Map<string, number>()
      const admit = (kind: RateLimitKind) => (): void => {
        const budget = `${limiter.epoch} ${kind === 'upkeep' ? 'upkeep' : 'content'}`
        charged.set(budget, (charged.get(budget) ?? 0) + 1)
      }

      for (const step of steps) {
        if ('ms' in step) {
          await clock.advance(step.ms)
        } else {
          void limiter.take(step.kind).then(admit(step.kind), () => {})
          await clock.settle()
        }

        expect(limiter.queued).to.be.lessThanOrEqual(5)
      }

      for (const [budget, count] of charged) {
        expect(count).to.be.lessThanOrEqual(budget.endsWith('upkeep') ? 1 : 5)
      }

      limiter.close()
      expect(clock.pending).to.equal(0)
    }), { numRuns: 60 })
  })
})
