import { streamPair } from '@libp2p/utils'
import { defaultLogger } from '@libp2p/logger'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { systemRandom } from '../../../src/clock.js'
import { FrameStream } from '../../../src/exchange/link/frame-stream.js'
import { InboundLink } from '../../../src/exchange/link/inbound-link.js'
import { Links } from '../../../src/exchange/link/links.js'
import { OutboundLink } from '../../../src/exchange/link/outbound-link.js'
import { prove } from '../../../src/exchange/link/proof.js'
import type { Frame } from '../../../src/exchange/pb/exchange.js'
import { CloseCode, Role } from '../../../src/exchange/pb/exchange.js'
import { SimulatedClock } from '../../../src/testing/simulated-clock.js'
import { FakeChannel } from '../fake-channel.js'
import { testPeers } from '../peers.js'
import type { ProofContext } from '../../../src/exchange/link/proof.js'
import type { Session } from '../../../src/exchange/link/session.js'
import type { Stream } from '@libp2p/interface'

const [asker, server, ...others] = await testPeers(9)
const pause = async (): Promise<void> => {}
const handlers = { onFrame: () => {}, onClose: () => {} }
const nonce = new Uint8Array(32).fill(5)

/** What plays the other end by hand. */
interface Puppet {
  frames: FrameStream
  read: Frame[]
  /** resolves when so many frames have come, or the stream has ended */
  reads (count: number): Promise<void>
  closed: Promise<Error | undefined>
}

function puppet (stream: Stream): Puppet {
  const read: Frame[] = []
  const closed = Promise.withResolvers<Error | undefined>()
  let look = (): void => {}
  const frames = new FrameStream(stream, {
    onFrame: (frame) => {
      read.push(frame)
      look()
    },
    onClose: (err) => {
      closed.resolve(err)
      look()
    }
  })
  let ended = false
  void closed.promise.then(() => { ended = true })

  return {
    frames,
    read,
    closed: closed.promise,
    reads: async (count) => {
      await new Promise<void>(resolve => {
        look = () => { (read.length >= count || ended) && resolve() }
        void closed.promise.then(() => { resolve() })
        look()
      })
    }
  }
}

async function serving (channels = [new FakeChannel()]): Promise<{ peer: Puppet, sessions: Session[], denied: () => number, context: ProofContext }> {
  const [theirs, ours] = await streamPair()
  const sessions: Session[] = []
  let denied = 0
  void new InboundLink(ours, {
    self: server,
    peer: asker,
    random: systemRandom,
    channels: () => channels,
    pause,
    welcome: ({ channelId }) => channelId !== 'closed to you',
    onSession: (_, session) => {
      sessions.push(session)

      return handlers
    },
    onDenied: () => { denied++ },
    onClose: () => {}
  })
  const peer = puppet(theirs)
  await peer.reads(1)

  return { peer, sessions, denied: () => denied, context: { asker, server, askerNonce: nonce, serverNonce: peer.read[0].hello?.nonce ?? new Uint8Array() } }
}

const open = (channel: FakeChannel, context: ProofContext, role: Role = Role.MEMBER): { role: Role, proofs: Uint8Array[] } => (
  { role, proofs: [prove(channel.keys()[0], 'asker', role === Role.MEMBER ? 'member' : 'holder', channel.channelId, context)] }
)

describe('a stream on which we are asked', () => {
  it('opens a session for a proof that fits, and proves in return', async () => {
    const channel = new FakeChannel()
    const { peer, sessions, context } = await serving([new FakeChannel('other', { keys: [new Uint8Array(32)] }), channel])
    peer.frames.send({ hello: { nonce } })
    peer.frames.send({ session: 3, open: open(channel, context) })
    await peer.reads(2)

    expect(sessions.map(({ role }) => role)).toEqual(['member'])
    expect(peer.read[1]).toMatchObject({ session: 3, opened: { role: Role.MEMBER, proof: prove(channel.keys()[0], 'server', 'member', 'lobby', context) } })
  })

  it('a stranger, one who plays back another proof, and one who is not welcome hear the same', async () => {
    const channel = new FakeChannel()
    const unwelcome = new FakeChannel('closed to you', { keys: [new Uint8Array(32).fill(8)] })
    const { peer, sessions, denied, context } = await serving([channel, unwelcome])
    peer.frames.send({ hello: { nonce } })
    peer.frames.send({ session: 1, open: { role: Role.MEMBER, proofs: [new Uint8Array(32)] } })
    peer.frames.send({ session: 2, open: open(channel, { ...context, serverNonce: new Uint8Array(32) }) })
    // made as a holder, shown as a member
    peer.frames.send({ session: 3, open: { ...open(channel, context, Role.HOLDER), role: Role.MEMBER } })
    peer.frames.send({ session: 4, open: open(unwelcome, context) })
    await peer.reads(5)

    expect(sessions).toEqual([])
    expect(denied()).toBe(3)
    expect(peer.read.slice(1).map(({ close, opened }) => [close?.code, opened])).toEqual(Array.from({ length: 4 }, () => [CloseCode.DENIED, undefined]))
  })

  it('ends after some proofs that fit nothing, without a hello, and for a number that is taken', async () => {
    const guesser = await serving()
    guesser.peer.frames.send({ hello: { nonce } })

    for (let session = 1; session <= 20; session++) {
      guesser.peer.frames.send({ session, open: { role: Role.MEMBER, proofs: [new Uint8Array(32)] } })
    }

    expect((await guesser.peer.closed)?.name).toBe('StreamResetError')
    expect(guesser.denied()).toBe(9)

    const rude = await serving()
    rude.peer.frames.send({ session: 1, open: { role: Role.MEMBER, proofs: [] } })
    expect((await rude.peer.closed)?.name).toBe('StreamResetError')

    const channel = new FakeChannel()
    const twice = await serving([channel])
    twice.peer.frames.send({ hello: { nonce } })
    twice.peer.frames.send({ session: 1, open: open(channel, twice.context) })
    twice.peer.frames.send({ session: 1, open: open(channel, twice.context) })
    expect((await twice.peer.closed)?.name).toBe('StreamResetError')
    expect(twice.sessions.map(({ closed }) => closed)).toEqual([true])
  })

  it('wants before a proof go nowhere', async () => {
    const { peer, sessions } = await serving()
    peer.frames.send({ hello: { nonce } })
    peer.frames.send({ session: 1, wantList: { full: true, entries: [] } })
    peer.frames.send({ session: 2, pageRequest: { id: 1, limit: 10 } })
    peer.frames.send({ session: 3, open: { role: Role.MEMBER, proofs: [] } })
    await peer.reads(2)

    expect(sessions).toEqual([])
    expect(peer.read.slice(1)).toMatchObject([{ session: 3, close: { code: CloseCode.DENIED } }])
  })

  it('any frames in any order are taken or end the stream, and never throw', async () => {
    const field = fc.record({
      session: fc.nat(3),
      hello: fc.option(fc.record({ nonce: fc.uint8Array({ maxLength: 40 }) }), { nil: undefined }),
      open: fc.option(fc.record({ role: fc.constantFrom(Role.MEMBER, Role.HOLDER), proofs: fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 3 }) }), { nil: undefined }),
      close: fc.option(fc.record({ code: fc.constantFrom(CloseCode.NORMAL, CloseCode.LIMIT) }), { nil: undefined }),
      receipt: fc.option(fc.uint8Array({ maxLength: 20 }), { nil: undefined })
    })

    await fc.assert(fc.asyncProperty(fc.array(field, { maxLength: 8 }), async (frames) => {
      const { peer, sessions } = await serving()

      for (const frame of frames) {
        try {
          peer.frames.send(frame)
        } catch (err) {
          expect(err).toMatchObject({ name: 'SessionClosedError' })
        }
      }

      await new Promise(resolve => setImmediate(resolve))
      expect(sessions).toEqual([])
      peer.frames.close()
    }), { numRuns: 50 })
  })
})

describe('a stream on which we ask', () => {
  async function asking (): Promise<{ link: OutboundLink, peer: Puppet, context: ProofContext }> {
    const [ours, theirs] = await streamPair()
    const peer = puppet(theirs)
    const link = new OutboundLink(ours, { self: asker, peer: server, random: systemRandom, onClose: () => {} })
    await peer.reads(1)
    peer.frames.send({ hello: { nonce } })

    return { link, peer, context: { asker, server, askerNonce: peer.read[0].hello?.nonce ?? new Uint8Array(), serverNonce: nonce } }
  }

  it('an impostor that only says that it is in the channel, or sends our proof back, hears of no want', async () => {
    const channel = new FakeChannel()

    for (const impostor of [
      (): Uint8Array => new Uint8Array(32),
      (frame: Frame): Uint8Array => frame.open?.proofs[0] ?? new Uint8Array(),
      (_: Frame, context: ProofContext): Uint8Array => prove(channel.keys()[0], 'server', 'member', 'another channel', context),
      (_: Frame, context: ProofContext): Uint8Array => prove(channel.keys()[0], 'server', 'holder', 'lobby', context)
    ]) {
      const { link, peer, context } = await asking()
      const session = link.open(channel, handlers)
      session.catch(() => {})
      await peer.reads(2)
      peer.frames.send({ session: peer.read[1].session, opened: { role: Role.MEMBER, proof: impostor(peer.read[1], context) } })

      await expect(session).rejects.toMatchObject({ name: 'AccessDeniedError' })
      await peer.reads(3)
      expect(peer.read.slice(2)).toMatchObject([{ close: { code: CloseCode.DENIED } }])
      expect(peer.read.every(({ wantList }) => wantList == null)).toBe(true)
    }
  })

  it('P59: an open that is given up is withdrawn, and an answer that comes late opens nothing', async () => {
    const channel = new FakeChannel()
    const { link, peer, context } = await asking()
    const abort = new AbortController()
    const session = link.open(channel, handlers, { signal: abort.signal })
    session.catch(() => {})
    await peer.reads(2)
    abort.abort()
    await expect(session).rejects.toMatchObject({ name: 'AbortError' })
    expect(link.size).toBe(0)

    peer.frames.send({ session: 1, opened: { role: Role.MEMBER, proof: prove(channel.keys()[0], 'server', 'member', 'lobby', context) } })
    await peer.reads(3)
    expect(peer.read[2]).toMatchObject({ session: 1, close: { code: CloseCode.NORMAL } })
    expect(link.size).toBe(0)
  })
})

describe('streams', () => {
  it('are bounded also when many are opened at once', async () => {
    const clock = new SimulatedClock()
    let opened = 0
    const links = new Links({
      components: {
        peerId: asker,
        registrar: { handle: async () => {}, unhandle: async () => {} },
        connectionManager: {
          openStream: async () => {
            opened++

            return (await streamPair())[0]
          }
        }
      },
      protocol: '/test',
      maxStreams: 3,
      clock,
      random: systemRandom,
      log: defaultLogger().forComponent('test'),
      pause,
      channels: () => [],
      welcome: () => true,
      onSession: () => handlers,
      onDenied: () => {}
    })
    await links.start()
    const abort = new AbortController()
    const size = (): number => (Reflect.get(links, 'outbound') as Map<string, unknown>).size
    let most = 0
    const attempts = others.map(async peer => {
      const session = links.connect(peer, new FakeChannel(), handlers, { signal: abort.signal })
      most = Math.max(most, size())
      await session
    })
    attempts.forEach(attempt => { attempt.catch(() => {}) })

    for (let i = 0; i < 20; i++) {
      await new Promise(resolve => setImmediate(resolve))
      most = Math.max(most, size())
    }

    expect(opened).toBeGreaterThanOrEqual(3)
    expect(most).toBe(3)
    abort.abort()
    await Promise.allSettled(attempts)
    await links.stop()
  })
})
