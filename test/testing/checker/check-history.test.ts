import { describe, expect, it } from 'vitest'
import { checkHistory } from '../../../src/testing/checker/index.js'
import { ToldHistory } from './told-history.js'

const tell = (members: number): ToldHistory => new ToldHistory(members)
const check = (told: ToldHistory): string[] => checkHistory(told.history).map(({ guarantee, message }) => `${guarantee}: ${message}`)

describe('checkHistory', () => {
  it('finds nothing wrong with a conversation that went well', () => {
    const told = tell(3)
      .send(0, 'm1').receive(1, 'm1', 0).send(1, 'm2').receive(2, 'm1', 0).receive(2, 'm2', 1).receive(0, 'm2', 1)
      .receipt(0, 'm1', 1).tell(0, { type: 'delivered', requestId: 'm1', messageId: 'm1' })
      .send(2, 'e1', { ephemeral: true }).receive(0, 'e1', 2, { ephemeral: true })

    for (const member of [0, 1, 2]) {
      told.log(member, ['m1:0', 'm2:1'])
    }

    expect(check(told)).to.deep.equal([])
  })

  describe('G1', () => {
    it('wants an outcome for every send', () => {
      expect(check(tell(1).send(0, 'm1', { outcome: 'none' }))).to.deep.equal([])
      expect(check(tell(1).send(0, 'm1', { outcome: 'none' }).log(0, ['m1:0']))).to.deep.equal(['G1: m1 of member 0: neither sent nor send-error, its state is unknown'])
    })

    it('wants one outcome only', () => {
      const twice = (type: 'sent' | 'send-error'): string[] => check(tell(1).send(0, 'm1').tell(0, { type, requestId: 'm1', messageId: 'm1' }))

      expect(twice('sent')).to.deep.equal(['G1: m1 of member 0: sent came twice'])
      expect(twice('send-error')).to.deep.equal(['G1: m1 of member 0: send-error came after sent'])
    })

    it('wants delivered after sent, once, and not after send-error', () => {
      const delivered = { type: 'delivered', requestId: 'm1', messageId: 'm1' } as const

      expect(check(tell(2).send(0, 'm1', { outcome: 'none' }).receipt(0, 'm1', 1).tell(0, delivered))).to.deep.equal(['G1: m1 of member 0: delivered came before sent'])
      expect(check(tell(2).send(0, 'm1').receipt(0, 'm1', 1).tell(0, delivered).tell(0, delivered))).to.deep.equal(['G1: m1 of member 0: delivered came twice'])
      expect(check(tell(2).send(0, 'm1', { outcome: 'send-error' }).receipt(0, 'm1', 1).tell(0, delivered))).to.deep.equal(['G1: m1 of member 0: delivered came after send-error'])
      expect(check(tell(2).send(0, 'm1').tell(0, delivered))).to.deep.equal(['G1: m1 of member 0: delivered without a receipt'])
    })

    it('allows delivered after delivery-error, not the other way round', () => {
      const event = (type: 'delivered' | 'delivery-error') => ({ type, requestId: 'm1', messageId: 'm1' })

      expect(check(tell(2).send(0, 'm1').tell(0, event('delivery-error')).receipt(0, 'm1', 1).tell(0, event('delivered')))).to.deep.equal([])
      expect(check(tell(2).send(0, 'm1').receipt(0, 'm1', 1).tell(0, event('delivered')).tell(0, event('delivery-error')))).to.deep.equal(['G1: m1 of member 0: delivery-error came after delivered'])
    })

    it('does not believe receipts', () => {
      expect(check(tell(2).send(0, 'm1').receipt(0, 'm1', 1).log(0, ['m1:0']))).to.deep.equal(['G1: m1 of member 0: a receipt from member-1, which never had it'])
      expect(check(tell(2).send(0, 'm1').receipt(0, 'm1', 0))).to.deep.equal(['G1: m1 of member 0: a receipt from its own sender'])
      expect(check(tell(2).send(0, 'm1').receipt(0, 'm1', 7).log(0, ['m1:0']))).to.deep.equal([])
    })

    it('wants a receipt after its giver had the message, unless that waited for another', () => {
      const late = (): ToldHistory => tell(3).send(0, 'm0').receive(1, 'm0', 0).send(1, 'm1')

      expect(check(late().receive(2, 'm0', 0).receipt(1, 'm1', 2).pass(5_000).receive(2, 'm1', 1))).to.deep.equal(['G1: m1 of member 1: a receipt from member-2, which had it 5010 ms later only'])
      expect(check(late().receipt(1, 'm1', 2).pass(5_000).receive(2, 'm0', 0).receive(2, 'm1', 1))).to.deep.equal([])
      expect(check(late().receive(2, 'm0', 0).receipt(1, 'm1', 2).crash(2).pass(5_000).open(2).receive(2, 'm1', 1))).to.deep.equal([])
    })

    it('takes the state of a request for its outcome when a crash may have swallowed the event', () => {
      const crashed = (): ToldHistory => tell(1).send(0, 'm1', { outcome: 'none' }).crash(0).open(0)

      expect(check(crashed().tell(0, { type: 'request', requestId: 'm1', state: 'delivered' }).log(0, ['m1:0']))).to.deep.equal([])
      expect(check(crashed().tell(0, { type: 'request', requestId: 'm1', state: 'queued' }).log(0, ['m1:0']))).to.deep.equal(['G1: m1 of member 0: neither sent nor send-error, its state is queued'])
    })
  })

  describe('G2', () => {
    it('wants each message once, restarts included', () => {
      expect(check(tell(2).send(0, 'm1').receive(1, 'm1', 0).receive(1, 'm1', 0))).to.deep.equal(['G2: member 1 got m1 twice'])
      expect(check(tell(2).send(0, 'm1').receive(1, 'm1', 0).crash(1).open(1).receive(1, 'm1', 0))).to.deep.equal(['G2: member 1 got m1 twice'])
    })

    it('wants what was sent, from who sent it', () => {
      expect(check(tell(2).send(0, 'm1').receive(1, 'm1', 0, { hash: 'changed' }))).to.deep.equal(['G2: member 1 got m1, with another payload than was sent'])
      expect(check(tell(3).send(0, 'm1').receive(1, 'm1', 2))).to.deep.equal(['G2: member 1 got m1, under the name of member-2, from member 0'])
      expect(check(tell(2).receive(1, 'm1', 0))).to.deep.equal(['G2: member 1 got m1, which member-0 never sent'])
      expect(check(tell(2).send(0, 'm1').receive(0, 'm1', 0))).to.deep.equal(['G2: member 0 got m1, which is its own'])
      expect(check(tell(2).receive(1, 'm1', 9))).to.deep.equal([])
    })

    it('wants each message once in a log', () => {
      expect(check(tell(1).send(0, 'm1').log(0, ['m1:0', 'm1:0']))).to.include('G2: the log of member 0 has m1 twice')
    })
  })

  describe('G3', () => {
    it('wants what a sender had seen before what it sent', () => {
      expect(check(tell(3).send(0, 'm1').receive(1, 'm1', 0).send(1, 'm2').receive(2, 'm2', 1).receive(2, 'm1', 0)))
        .to.deep.equal(['G3: member 2 got m2 of member 1 before m1 of member 0, which comes first'])
    })

    it('wants the messages of one sender in their order', () => {
      expect(check(tell(2).send(0, 'm1').send(0, 'm2').receive(1, 'm2', 0)))
        .to.deep.equal(['G3: member 1 got m2 of member 0 before m1 of member 0, which comes first'])
    })

    it('takes concurrent messages in any order', () => {
      expect(check(tell(3).send(0, 'm1').send(1, 'm2').receive(2, 'm2', 1).receive(2, 'm1', 0).receive(0, 'm2', 1).receive(1, 'm1', 0))).to.deep.equal([])
    })

    it('follows causes through members that have them from others', () => {
      expect(check(tell(4).send(0, 'm1').receive(1, 'm1', 0).send(1, 'm2').receive(2, 'm1', 0).receive(2, 'm2', 1).send(2, 'm3').receive(3, 'm2', 1).receive(3, 'm3', 2)))
        .to.deep.equal([
          'G3: member 3 got m2 of member 1 before m1 of member 0, which comes first',
          'G3: member 3 got m3 of member 2 before m1 of member 0, which comes first'
        ])
    })

    it('does without what was reported lost, and what came before that', () => {
      const told = tell(3).send(0, 'm0').send(0, 'm1').receive(1, 'm0', 0).receive(1, 'm1', 0).send(1, 'm2').pass(60_000)

      expect(check(told.lose(2, 'm1').receive(2, 'm2', 1).receive(2, 'm1', 0, { late: true }))).to.deep.equal([])
    })

    it('wants lost once, not too early, not for what is here, and late afterwards', () => {
      const told = (): ToldHistory => tell(2).send(0, 'm1').pass(60_000)

      expect(check(told().lose(1, 'm1').lose(1, 'm1'))).to.deep.equal(['G3: member 1 was told twice that m1 is lost'])
      expect(check(told().receive(1, 'm1', 0).lose(1, 'm1'))).to.deep.equal(['G3: member 1 was told that m1 is lost, after it had got it'])
      expect(check(told().lose(1, 'm1').receive(1, 'm1', 0))).to.deep.equal(['G3: member 1 got m1 with late: false, which it had been told was lost'])
      expect(check(told().receive(1, 'm1', 0, { late: true }))).to.deep.equal(['G3: member 1 got m1 with late: true, which it had not been told was lost'])
      expect(check(tell(2).send(0, 'm1').lose(1, 'm1'))).to.deep.equal(['G3: member 1 was told that m1 is lost, 40 ms after it was sent'])
    })

    it('wants logs in causal order', () => {
      const told = tell(2).send(0, 'm1').receive(1, 'm1', 0).send(1, 'm2').receive(0, 'm2', 1)

      expect(check(told.log(0, ['m2:1', 'm1:0']))).to.include('G3: the log of member 0 has m1 after what follows from it')
    })

    it('counts what a restarted application reads in its log as told', () => {
      const told = tell(3).send(0, 'm1').receive(1, 'm1', 0).send(1, 'm2').crash(2).open(2)

      expect(check(told.log(2, ['m1:0'], false).receive(2, 'm2', 1))).to.deep.equal([])
    })
  })

  it('G4: wants nothing after close', () => {
    const told = tell(2).send(0, 'm1').tell(1, { type: 'closed' }).receive(1, 'm1', 0)

    expect(check(told)).to.deep.equal(['G4: member 1 was told received after it had closed the channel'])
    expect(check(tell(2).send(0, 'm1').tell(1, { type: 'closed' }).open(1).receive(1, 'm1', 0))).to.deep.equal([])
  })

  it('G2: wants the application told of what is in the log', () => {
    const told = (): ToldHistory => tell(2).send(0, 'm1')

    expect(check(told().log(0, ['m1:0']).log(1, ['m1:0']))).to.deep.equal(['G2: member 1 has m1 in its log and was never told of it'])
    expect(check(told().crash(1).open(1).log(0, ['m1:0']).log(1, ['m1:0']))).to.deep.equal([])
  })

  it('G5, G7: wants bounds kept, and nothing thrown', () => {
    const status = { state: 'synced', discoverable: 'secret', queued: 3, inFlight: 1, unacknowledged: 0, parked: 0, missing: 0, lost: 0, peers: 1, rateLimit: { state: 'ok' } } as const
    const told = tell(1).tell(0, { type: 'status', status }).tell(0, { type: 'store', bytes: 5_000 }).tell(0, { type: 'threw', error: new Error('oops') })
    const found = checkHistory(told.history, { bounds: { queued: 2, inFlight: 1, storeBytes: 4_999 } })

    expect(found.map(({ guarantee, message }) => `${guarantee}: ${message}`)).to.deep.equal([
      'G5: member 0 has 3 queued, 2 are allowed',
      'G5: member 0 stores 5000 bytes, 4999 are allowed',
      'G7: member 0 threw on something from the network: Error: oops'
    ])
  })

  it('G6: wants in the log what was given out, sent, or there before', () => {
    expect(check(tell(2).send(0, 'm1').receive(1, 'm1', 0).crash(1).open(1).log(1, [], false))).to.deep.equal(['G6: the log of member 1 has lost m1'])
    expect(check(tell(1).send(0, 'm1').crash(0).open(0).log(0, [], false))).to.deep.equal(['G6: the log of member 0 has lost m1'])
    expect(check(tell(1).tell(0, { type: 'open-failed', error: new Error('corrupt') }))).to.deep.equal(['G6: member 0 could not open its store: corrupt'])
  })

  it('G8: wants nothing from before the joining reported lost, or waited for', () => {
    const told = (): ToldHistory => tell(2).send(0, 'm1').receive(1, 'm1', 0).pass(60_000).open(2).send(1, 'm2')

    expect(check(told().receive(2, 'm2', 1))).to.deep.equal([])
    expect(check(told().lose(2, 'm1'))).to.deep.equal(['G8: member 2 was told that m1 is lost, which is from before its joining'])
  })

  describe('convergence', () => {
    it('wants everything in every log', () => {
      const told = tell(2).send(0, 'm1').receive(1, 'm1', 0).send(0, 'm2')

      expect(check(told.log(0, ['m1:0', 'm2:0']).log(1, ['m1:0']))).to.deep.equal(['convergence: the log of member 1 lacks m2 of member 0'])
    })

    it('does without what was not sent, lost, or from before the joining', () => {
      expect(check(tell(2).send(0, 'm1', { outcome: 'send-error' }).log(0, ['m1:0']).log(1, []))).to.deep.equal([])
      expect(check(tell(2).send(0, 'm1').pass(60_000).lose(1, 'm1').log(0, ['m1:0']).log(1, []))).to.deep.equal([])
      expect(check(tell(1).send(0, 'm1').pass(1).open(1).log(0, ['m1:0']).log(1, []))).to.deep.equal([])
    })

    it('wants what was before the joining, and what was lost once, of whom fetches all of the past', () => {
      expect(check(tell(1).send(0, 'm1').pass(1).open(1, true).log(0, ['m1:0']).log(1, []))).to.deep.equal(['convergence: the log of member 1 lacks m1 of member 0'])
      expect(check(tell(1).send(0, 'm1').pass(1).open(1, true).log(0, ['m1:0']).log(1, ['m1:0']))).to.deep.equal([])
      expect(check(tell(1).open(1, true).send(0, 'm1').pass(60_000).lose(1, 'm1').log(0, ['m1:0']).log(1, []))).to.deep.equal(['convergence: the log of member 1 lacks m1 of member 0'])
      expect(check(tell(1).send(0, 'm1', { outcome: 'send-error' }).open(1, true).log(0, ['m1:0']).log(1, []))).to.deep.equal([])
    })

    it('wants one order in all logs', () => {
      const told = tell(2).send(0, 'm1').send(1, 'm2').receive(1, 'm1', 0).receive(0, 'm2', 1)

      expect(check(told.log(0, ['m1:0', 'm2:1']).log(1, ['m2:1', 'm1:0']))).to.deep.equal(['convergence: the logs of members 0 and 1 have m2 in another order'])
    })
  })
})
