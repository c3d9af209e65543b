import { describe, expect, it } from 'vitest'
import { CreditPolicy } from '../../../src/exchange/ledger/credit-policy.js'
import { FairPolicy } from '../../../src/exchange/ledger/fair-policy.js'
import { testKeys, testPeers } from '../peers.js'
import type { Account } from '../../../src/exchange/ledger/policy.js'
import type { PeerId } from '@libp2p/interface'

const keys = await testKeys(3)
const [asker, server, other] = await testPeers(3)
const MiB = 1024 * 1024

function account (peer: PeerId, values: Partial<Account> = {}): Account {
  return { peer, bytesIn: 0, bytesOut: 0, messagesIn: 0, messagesOut: 0, invalid: 0, unrequested: 0, timeouts: 0, latency: 0, receiptedOut: 0, receiptedIn: 0, lastSeen: 0, ...values }
}

describe('fair policy', () => {
  it('does not hold back a single peer', () => {
    const policy = new FairPolicy({ uploadBytesPerSecond: 1000 })
    const one = account(asker)
    policy.sent(one, 1_000_000, 1, 0)

    expect(policy.delay(one, 1, 0)).toBe(0)
  })

  it('gives each of several its share', () => {
    const policy = new FairPolicy({ uploadBytesPerSecond: 1000 })
    const one = account(asker)
    expect(policy.delay(one, 2, 0)).toBe(0)
    policy.sent(one, 1_125, 2, 0)
    // 125 bytes of burst, then 500 bytes a second
    expect(policy.delay(one, 2, 0)).toBe(2_002)
    expect(policy.delay(one, 2, 2_002)).toBe(0)
    expect(policy.delay(account(other), 2, 0)).toBe(0)
  })
})

describe('credit policy', () => {
  const serving = (): CreditPolicy => new CreditPolicy({ privateKey: keys[1], creditBytes: 2 * MiB })
  const asking = (): CreditPolicy => new CreditPolicy({ privateKey: keys[0], creditBytes: 2 * MiB })

  it('serves on credit, and on when a receipt comes', async () => {
    const policy = serving()
    const debtor = account(asker)
    policy.sent(debtor, 2 * MiB, 1, 0)
    expect(policy.delay(debtor, 1, 0)).toBeGreaterThan(0)

    const creditor = account(server, { bytesIn: 2 * MiB })
    const receipt = await asking().receipt(creditor)
    expect(creditor.receiptedIn).toBe(2 * MiB)
    expect(await policy.onReceipt(debtor, receipt ?? new Uint8Array())).toBe(true)
    expect(policy.delay(debtor, 1, 0)).toBe(0)
    expect(debtor.receiptedOut).toBe(2 * MiB)
  })

  it('P58: is only paid for what was found to be right, once', async () => {
    const buyer = asking()
    expect(buyer.receipt(account(server, { bytesIn: MiB - 1, invalid: 5 }))).toBeUndefined()

    const policy = serving()
    const debtor = account(asker)
    const receipt = await buyer.receipt(account(server, { bytesIn: MiB })) ?? new Uint8Array()
    policy.sent(debtor, 4 * MiB, 1, 0)
    await policy.onReceipt(debtor, receipt)
    const delay = policy.delay(debtor, 1, 0)
    expect(delay).toBeGreaterThan(0)
    expect(await policy.onReceipt(debtor, receipt)).toBe(true)
    expect(policy.delay(debtor, 1, 0)).toBe(delay)
  })

  it('refuses receipts of others, for others, and broken ones', async () => {
    const policy = serving()
    const receipt = await asking().receipt(account(server, { bytesIn: MiB })) ?? new Uint8Array()
    const forOther = await asking().receipt(account(other, { bytesIn: MiB })) ?? new Uint8Array()
    const tampered = receipt.slice()
    tampered[tampered.length - 1] ^= 1

    expect(await policy.onReceipt(account(other), receipt)).toBe(false)
    expect(await policy.onReceipt(account(asker), forOther)).toBe(false)
    expect(await policy.onReceipt(account(asker), tampered)).toBe(false)
    expect(await policy.onReceipt(account(asker), new Uint8Array([255, 255]))).toBe(false)
    expect(await policy.onReceipt(account(asker), new Uint8Array())).toBe(false)
  })

  it('forgives slowly, and checks its settings', () => {
    const policy = serving()
    const debtor = account(asker)
    policy.sent(debtor, 2 * MiB, 1, 0)
    expect(policy.delay(debtor, 1, 60_000)).toBe(0)
    expect(() => new CreditPolicy({ privateKey: keys[0], creditBytes: 1 })).toThrow('must be above')
  })
})
