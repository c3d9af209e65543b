/**
 * What other people's programs find at run time: names and errors. The types are in
 * contract/shapes.ts.
 */
import { describe, expect, test } from 'vitest'
import manifest from '../package.json' with { type: 'json' }
import * as holdfast from '../src/index.js'
import * as testing from '../src/testing/index.js'

/** Names that other people's programs are written against: they are added to, never renamed. */
const VALUES = [
  'ChannelManager', 'compareMessages', 'createKeyring', 'createNode', 'discovery', 'exchange', 'gossipsubOptions', 'plaintext',
  'reliableChannels', 'rendezvousClient', 'rendezvousPoint', 'signed', 'symmetric'
] as const

/** Applications match on `error.name`. */
const ERRORS = [
  'UnknownChannelError', 'DuplicateChannelError', 'ChannelClosedError', 'EmptyPayloadError', 'PayloadTooLargeError', 'QueueFullError',
  'RateLimitedError', 'SendError', 'SendTimeoutError', 'SendCancelledError', 'DeliveryTimeoutError', 'NotAcknowledgedError',
  'UnknownRequestError', 'SenderMismatchError', 'StoreLockedError', 'StoreCorruptError', 'StoreVersionError', 'GossipsubConfigError',
  'InvalidParametersError', 'NotStartedError', 'AbortError', 'TimeoutError'
] as const

/** The cores and what else can be had alone; each has some of the names above. */
const SUBPATHS = {
  segmentation: ['EmptyPayloadError', 'PayloadTooLargeError'],
  sds: [],
  ratelimit: ['RateLimitedError'],
  encryption: ['createKeyring', 'plaintext', 'signed', 'symmetric'],
  rendezvous: ['rendezvousClient', 'rendezvousPoint'],
  discovery: ['discovery'],
  exchange: ['exchange'],
  testing: ['createFakeMessaging', 'createSimulation', 'GuaranteeError']
}

describe('the contract', () => {
  test.each(VALUES)('%s is exported', name => {
    expect(typeof holdfast[name]).toBe('function')
  })

  test.each(ERRORS)('%s is exported, an Error, and carries its name', name => {
    const ErrorClass = holdfast[name] as unknown as new (...args: unknown[]) => Error
    const error = name === 'SendError' ? new holdfast.SendError('request', [{ segmentIndex: 3, error: new Error('why') }], 4) : new ErrorClass('why')

    expect(ErrorClass.name).toBe(name)
    expect(error).toBeInstanceOf(Error)
    expect(error.name).toBe(name)
    expect(error.message).toContain('why')
  })

  test('a SendError is an AggregateError that names the segments', () => {
    const why = new Error('why')
    const error = new holdfast.SendError('request', [{ segmentIndex: 3, error: why }], 4)

    expect(error).toBeInstanceOf(AggregateError)
    expect(error.errors).toEqual([why])
    expect(error.failures).toEqual([{ segmentIndex: 3, error: why }])
    expect(error.message).toContain('segment 3')
  })

  test('the entry points are these, with types', () => {
    const { './package.json': _, ...entries } = manifest.exports

    expect(Object.keys(entries)).toEqual(['.', ...Object.keys(SUBPATHS).map(name => `./${name}`)])

    for (const [path, entry] of Object.entries(entries)) {
      const folder = `./dist/src${path.slice(1)}/index`

      expect(entry).toEqual({ types: `${folder}.d.ts`, import: `${folder}.js` })
    }
  })

  test.each(Object.entries(SUBPATHS))('holdfast/%s has what is its own, the same as in the root', async (path, names) => {
    const entry = await import(`../src/${path}/index.ts`) as Record<string, unknown>
    const root: Record<string, unknown> = path === 'testing' ? testing : holdfast

    expect(Object.keys(entry)).toEqual(expect.arrayContaining(names))
    names.forEach(name => { expect(entry[name]).toBe(root[name]) })
  })
})
