import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createKeyring, KeyringError } from '../../src/encryption/index.js'
import { SimulatedClock } from '../../src/testing/simulated-clock.js'
import { bytes, manualClock } from './fixtures.js'

describe('keyring', () => {
  it('holds the current key first, as one frozen list until it changes', () => {
    const keyring = createKeyring(bytes(32, 1))
    const first = keyring.keys()
    const id = keyring.currentId

    expect(id).to.match(/^[0-9a-f]{16}$/)
    expect(keyring.keys()).to.equal(first)
    expect(Object.isFrozen(first)).to.equal(true)

    expect(keyring.rotate(bytes(32, 2))).to.equal(keyring.currentId).and.not.equal(id)
    expect(keyring.keys()).to.deep.equal([bytes(32, 2), bytes(32, 1)])
    expect(first).to.deep.equal([bytes(32, 1)])
  })

  it('takes an old key back as the current one', () => {
    const keyring = createKeyring(bytes(32, 1))
    const id = keyring.currentId
    keyring.rotate(bytes(32, 2))

    expect(keyring.rotate(bytes(32, 1))).to.equal(id)
    expect(keyring.keys()).to.deep.equal([bytes(32, 1), bytes(32, 2)])
  })

  it('never lengthens the life of an old key', () => {
    const clock = manualClock()
    const keyring = createKeyring(bytes(32, 1), clock)
    keyring.rotate(bytes(32, 2), { keepOldMs: 100 })
    keyring.rotate(bytes(32, 3), { keepOldMs: 1000 })

    clock.advance(100)
    expect(keyring.keys()).to.deep.equal([bytes(32, 3), bytes(32, 2)])
    clock.advance(900)
    expect(keyring.keys()).to.deep.equal([bytes(32, 3)])
  })

  it('drops the old keys at once with keepOldMs 0', () => {
    const keyring = createKeyring(bytes(32, 1), manualClock())
    keyring.rotate(bytes(32, 2), { keepOldMs: 0 })

    expect(keyring.keys()).to.deep.equal([bytes(32, 2)])
  })

  it('tells of each change, also of an expiry that nobody asks about, and sets no timer without need', async () => {
    const clock = new SimulatedClock()
    const keyring = createKeyring(bytes(32, 1), clock)
    const told: number[] = []
    const cancel = keyring.onChange(() => { told.push(keyring.keys().length) })
    const cancelOther = keyring.onChange(() => {})

    keyring.rotate(bytes(32, 2))
    expect(told).to.deep.equal([2])
    expect(clock.pending).to.equal(0)

    keyring.rotate(bytes(32, 3), { keepOldMs: 86_400_000 })
    keyring.rotate(bytes(32, 4), { keepOldMs: 1_000 })
    keyring.remove('0000000000000000')
    expect(told).to.deep.equal([2, 3, 4])
    expect(clock.pending).to.equal(1)

    await clock.advance(999)
    expect(told).to.deep.equal([2, 3, 4])
    await clock.advance(1)
    expect(told).to.deep.equal([2, 3, 4, 1])
    expect(clock.pending).to.equal(0)

    keyring.rotate(bytes(32, 5), { keepOldMs: 86_400_000 })
    await clock.advance(86_399_999)
    expect(told).to.deep.equal([2, 3, 4, 1, 2])
    await clock.advance(1)
    expect(told).to.deep.equal([2, 3, 4, 1, 2, 1])

    keyring.rotate(bytes(32, 6), { keepOldMs: 1_000 })
    cancel()
    expect(clock.pending).to.equal(1)
    cancelOther()
    expect(clock.pending).to.equal(0)
    await clock.advance(1_000)
    expect(keyring.keys()).to.have.lengthOf(1)
    expect(told).to.have.lengthOf(7)
  })

  it('tells who comes to listen later of an expiry that was stored', async () => {
    const clock = new SimulatedClock()
    const keyring = createKeyring(bytes(32, 1), clock)
    keyring.rotate(bytes(32, 2), { keepOldMs: 5_000 })
    const restored = createKeyring(keyring.export(), clock)
    let told = 0
    restored.onChange(() => { told++ })

    await clock.advance(5_000)
    expect(told).to.equal(1)
  })

  it('removes an old key, ignores an unknown one, keeps the current one', () => {
    const keyring = createKeyring(bytes(32, 1))
    const old = keyring.currentId
    keyring.rotate(bytes(32, 2))

    keyring.remove('0000000000000000')
    expect(keyring.keys()).to.have.lengthOf(2)
    keyring.remove(old)
    expect(keyring.keys()).to.deep.equal([bytes(32, 2)])
    expect(() => { keyring.remove(keyring.currentId) }).to.throw().with.property('name', 'InvalidParametersError')
  })

  it('exports keys and their ends, and reads them back', () => {
    const clock = manualClock()
    const keyring = createKeyring(bytes(32, 1), clock)
    keyring.rotate(bytes(32, 2), { keepOldMs: 5000 })
    keyring.rotate(bytes(32, 3))
    const copy = createKeyring(keyring.export(), clock)

    expect(copy.currentId).to.equal(keyring.currentId)
    expect(copy.keys()).to.deep.equal(keyring.keys())
    expect(copy.export()).to.deep.equal(keyring.export())
    clock.advance(5000)
    expect(copy.keys()).to.deep.equal([bytes(32, 3), bytes(32, 2)])
  })

  it('takes a keepOldMs beyond all clocks', () => {
    const keyring = createKeyring(bytes(32, 1))
    keyring.rotate(bytes(32, 2), { keepOldMs: Number.MAX_VALUE })

    expect(createKeyring(keyring.export()).keys()).to.deep.equal(keyring.keys())
  })

  it('refuses an export that was altered, cut or lengthened', () => {
    const keyring = createKeyring(bytes(32, 1))
    keyring.rotate(bytes(32, 2), { keepOldMs: 60_000 })
    const exported = keyring.export()

    fc.assert(fc.property(fc.nat(exported.byteLength * 8 - 1), bit => {
      const altered = exported.slice()
      altered[bit >> 3] ^= 1 << (bit & 7)
      expect(() => createKeyring(altered)).to.throw(KeyringError)
    }))

    for (let length = 0; length < exported.byteLength; length++) {
      if (length !== 32) {
        expect(() => createKeyring(exported.subarray(0, length))).to.throw(KeyringError)
      }
    }

    expect(() => createKeyring(Uint8Array.of(...exported, 0))).to.throw(KeyringError)
  })

  it('says that an export is newer than this release', () => {
    const exported = createKeyring(bytes(32, 1)).export()
    exported[0] = 9

    expect(() => createKeyring(exported)).to.throw(KeyringError, /version 9/)
  })

  it('is bounded', () => {
    const keyring = createKeyring(bytes(32, 0))

    for (let i = 1; i < 64; i++) {
      keyring.rotate(bytes(32, i))
    }

    const id = keyring.currentId
    expect(() => keyring.rotate(bytes(32, 64))).to.throw().with.property('name', 'InvalidParametersError')
    expect(keyring.currentId).to.equal(id)
    expect(createKeyring(keyring.export()).keys()).to.have.lengthOf(64)
  })

  it('refuses bad keys and times before it changes', () => {
    const keyring = createKeyring(bytes(32, 1))

    for (const rotate of [() => keyring.rotate(bytes(16)), () => keyring.rotate(bytes(32, 2), { keepOldMs: -1 }), () => keyring.rotate(bytes(32, 2), { keepOldMs: NaN })]) {
      expect(rotate).to.throw().with.property('name', 'InvalidParametersError')
    }

    expect(() => createKeyring('key' as unknown as Uint8Array)).to.throw().with.property('name', 'InvalidParametersError')
    expect(keyring.keys()).to.deep.equal([bytes(32, 1)])
  })
})
