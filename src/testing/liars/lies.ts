import type { ExchangeLiarKind, LiarKind } from './types.js'
import type { Heard, Liar } from './liar.js'
import type { HistoryEntry } from '../../sds/types.js'

const HOUR_MS = 3_600_000

type Lie = (liar: Liar) => Promise<void>

const entryOf = ({ message }: Heard): HistoryEntry => ({ messageId: message.messageId, senderId: message.senderId, lamportTimestamp: message.lamportTimestamp })

/** One lie of each kind. What it is about is up to the seed. */
export const LIES: Record<Exclude<LiarKind, ExchangeLiarKind>, Lie> = {
  clock: async (liar) => {
    const { random, clock } = liar
    const message = liar.honest('from the future')

    if (random.chance(0.5)) {
      const ahead = random.pick([HOUR_MS, 23 * HOUR_MS, 25 * HOUR_MS, 2 ** 42, Number.MAX_SAFE_INTEGER - clock.now()])

      await liar.say({ ...message, lamportTimestamp: clock.now() + ahead })
    } else {
      const idSalt = random.pick([0n, 1n, 2n ** 31n, 3_000_000_000n, 2n ** 32n - 1n, 2n ** 53n + 1n, 2n ** 63n, 2n ** 64n - 1n])

      await liar.say({ ...message, idSalt, ...liar.identify({ ...message, idSalt }, liar.senderId) })
    }
  },

  filter: async (liar) => {
    await liar.say({ ...liar.sync(), bloomFilter: filter(liar) })
  },

  sender: async (liar) => {
    const { message } = liar.random.pick(liar.heard)
    const forged = liar.honest('I never said this')

    if (liar.random.chance(0.5)) {
      // somebody else's name, inside and perhaps outside
      await liar.say({ ...forged, ...liar.identify(forged, message.senderId) }, liar.random.pick([liar.senderId, message.senderId]))
    } else {
      // somebody else's message ID
      await liar.say({ ...forged, messageId: message.messageId })
    }
  },

  repair: async (liar) => {
    const real = liar.random.shuffle(liar.heard).slice(0, 10).map(entryOf)
    const imagined = Array.from({ length: 20 }, (): HistoryEntry => ({ messageId: liar.randomId(), senderId: liar.senderId, lamportTimestamp: liar.clock.now() }))

    await liar.say({ ...liar.sync(), repairRequest: liar.random.pick([real, imagined, [...real, ...imagined]]) })
  },

  garbage: async (liar) => {
    const { random } = liar
    const noise = random.bytes(1 + random.integer(2_000))
    const { message, payload } = random.pick(liar.heard)
    const torn = payload.slice(0, random.integer(payload.byteLength))
    const flipped = payload.slice()

    flipped[random.integer(flipped.byteLength)] ^= 1 << random.integer(8)

    await random.pick([
      async () => { await liar.raw(noise) },
      async () => { await liar.raw(new Uint8Array(0)) },
      async () => { await liar.raw(torn) },
      async () => { await liar.raw(flipped) },
      async () => { await liar.encrypted(noise) },
      async () => { await liar.encrypted(new Uint8Array(0)) },
      async () => { await liar.say({ ...liar.honest('elsewhere'), channelId: 'another channel' }) },
      async () => { await liar.say({ ...liar.honest('odd'), senderId: 'x'.repeat(5_000) }) },
      async () => { await liar.say({ ...liar.honest('torn'), content: message.content?.slice(0, -1) }) }
    ])()
  },

  replay: async (liar) => {
    await liar.raw(liar.random.pick(liar.heard).payload)
  },

  citation: async (liar) => {
    const imagined = Array.from({ length: 1 + liar.random.integer(8) }, (): HistoryEntry => ({
      messageId: liar.randomId(),
      senderId: liar.random.pick(liar.heard).message.senderId,
      retrievalHint: liar.random.bytes(32),
      lamportTimestamp: liar.clock.now() - liar.random.integer(HOUR_MS)
    }))
    // and a false hint for something real
    const real = { ...entryOf(liar.random.pick(liar.heard)), retrievalHint: liar.random.bytes(32) }

    await liar.say({ ...liar.honest('as we all know'), causalHistory: [...imagined, real] })
  }
}

function filter (liar: Liar): Uint8Array {
  const { random } = liar
  const compact = (hashes: number, capacity: number, bits: number, bytes: number): Uint8Array => {
    const out = new Uint8Array(20 + bytes).fill(255)
    const view = new DataView(out.buffer)

    out.set([0x48, 0x42, 1, hashes])
    view.setUint32(4, capacity)
    view.setUint32(8, bits)

    return out
  }

  return random.pick([
    () => new Uint8Array(18_752).fill(255),
    () => random.bytes(18_752),
    () => compact(1, 10, 1_024, 128),
    () => compact(20, 0, 0, 0),
    () => compact(0, 1, 64, 8),
    () => compact(255, 2 ** 32 - 1, 2 ** 32 - 1, 64),
    () => compact(20, 100, 800, 3),
    () => random.bytes(random.integer(64)),
    () => new Uint8Array(0)
  ])()
}
