import { beforeAll, expect, it } from 'vitest'
import { ensureBuilt } from '../built.js'
import { startExample } from './run-example.js'

beforeAll(ensureBuilt, 120_000)

it.each([
  ['quickstart.ts', [
    'bob reads: Have some wine.',
    'alice reads: I don\'t see any wine.',
    'alice: delivered to 1',
    'alice: Have some wine.',
    'bob: I don\'t see any wine.'
  ]],
  ['own-libp2p.ts', ['b reads: hello from my own libp2p', 'a: delivered to 1']],
  ['rendezvous-only.ts', ['registered for 7200 s', 'found the seller, and it answers']],
  ['testing-an-app.ts', ['first: sent, second: failed: SendError']]
])('%s does what it says', async (path, lines) => {
  const { code, stdout, stderr } = await startExample(path).finished

  expect(stderr).toBe('')
  // receipts and messages race each other: the order of what different nodes print is open
  expect(stdout.trimEnd().split('\n').sort()).toEqual([...lines].sort())
  expect(code).toBe(0)
}, 60_000)
