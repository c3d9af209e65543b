import { expect, it } from 'vitest'
import { describeError } from '../../src/cli/errors.js'

it('says in one line what went wrong', () => {
  expect(describeError(new Error('a\n  b'))).toBe('a b')
  expect(describeError(new Error('tcp/1: Error: in use\n    at listen (node:net:1:1)\n    at node:net:2:2\n'))).toBe('tcp/1: Error: in use')
  expect(describeError(Object.assign(new Error('Some failed, do this or that:\n\n  /ip4/127.0.0.1/tcp/1: Error: listen EADDRINUSE\n    at x\n\n  /ip4/127.0.0.1/tcp/2: refused\n'), { name: 'UnsupportedListenAddressesError' })))
    .toBe('cannot listen on /ip4/127.0.0.1/tcp/1: listen EADDRINUSE; /ip4/127.0.0.1/tcp/2: refused')
  expect(describeError(new RangeError())).toBe('RangeError')
  expect(describeError('no error at all')).toBe('no error at all')
  expect(describeError(new AggregateError([new Error('the cause')], 'all failed'))).toBe('all failed: the cause')
  expect(describeError(new AggregateError([new Error('the cause')], 'failed: the cause'))).toBe('failed: the cause')
})
