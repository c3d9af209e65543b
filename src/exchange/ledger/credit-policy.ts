import { InvalidParametersError } from '@libp2p/interface'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { equal } from '../link/proof.js'
import { Receipt } from '../pb/ledger.js'
import type { Account, ExchangePolicy } from './policy.js'
import type { PeerId, PrivateKey } from '@libp2p/interface'

const DOMAIN = new TextEncoder().encode('holdfast/exchange/receipt/1')

/** Debtors that are remembered; beyond that, the ones that were served longest ago start anew. */
const MAX_PEERS = 1024

export interface CreditPolicyInit {
  /** signs our receipts: the node's own */
  privateKey: PrivateKey
  /** bytes that a peer may have without a receipt. @default 8_388_608 */
  creditBytes?: number
  /** validated bytes after which we sign for them. @default 1_048_576 */
  receiptEveryBytes?: number
  /** so much is forgiven, so that what was lost or came twice does not lock a peer out for ever. @default 16_384 */
  forgivenBytesPerSecond?: number
}

interface Debt {
  bytes: number
  at: number
}

/**
 * Serves on credit. Whoever is served signs, now and then, for all the bytes that it has found to
 * be right so far; the sum only grows, so a receipt replaces those before it, and one that is sent
 * twice is worth nothing. What a receipt is worth beyond the right to be served on is for others
 * to decide: payments start here.
 */
export class CreditPolicy implements ExchangePolicy {
  private readonly privateKey: PrivateKey
  private readonly self: PeerId
  private readonly credit: number
  private readonly every: number
  private readonly forgiven: number
  private readonly debts = new Map<string, Debt>()

  constructor ({ privateKey, creditBytes = 8 * 1024 * 1024, receiptEveryBytes = 1024 * 1024, forgivenBytesPerSecond = 16 * 1024 }: CreditPolicyInit) {
    if (!(creditBytes > receiptEveryBytes && receiptEveryBytes > 0 && forgivenBytesPerSecond > 0)) {
      throw new InvalidParametersError('creditBytes must be above receiptEveryBytes, and that and forgivenBytesPerSecond above 0')
    }

    this.privateKey = privateKey
    this.self = peerIdFromPrivateKey(privateKey)
    this.credit = creditBytes
    this.every = receiptEveryBytes
    this.forgiven = forgivenBytesPerSecond / 1000
  }

  delay (account: Account, _contenders: number, now: number): number {
    const over = this.debt(account, now).bytes - this.credit

    return over < 0 ? 0 : Math.ceil((over + 1) / this.forgiven)
  }

  sent (account: Account, bytes: number, _contenders: number, now: number): void {
    this.debt(account, now).bytes += bytes
  }

  receipt (account: Account): Promise<Uint8Array> | undefined {
    if (account.bytesIn - account.receiptedIn < this.every) {
      return undefined
    }

    account.receiptedIn = account.bytesIn

    return this.sign(account.peer, account.bytesIn)
  }

  async onReceipt (account: Account, bytes: Uint8Array): Promise<boolean> {
    let receipt: Receipt

    try {
      receipt = Receipt.decode(bytes)
    } catch {
      return false
    }

    const ours = equal(receipt.server, this.self.toMultihash().bytes) && equal(receipt.asker, account.peer.toMultihash().bytes)

    if (!ours || account.peer.publicKey == null || !await account.peer.publicKey.verify(signed(receipt), receipt.signature)) {
      return false
    }

    const paid = receipt.bytes - account.receiptedOut
    const debt = this.debts.get(account.peer.toString())

    // an old one is worth nothing, but harmless: they may overtake each other
    if (paid > 0) {
      account.receiptedOut = receipt.bytes

      if (debt != null) {
        debt.bytes = Math.max(debt.bytes - paid, 0)
      }
    }

    return true
  }

  private async sign (server: PeerId, bytes: number): Promise<Uint8Array> {
    const receipt: Receipt = {
      asker: this.self.toMultihash().bytes,
      server: server.toMultihash().bytes,
      bytes,
      signature: new Uint8Array()
    }

    receipt.signature = await this.privateKey.sign(signed(receipt)) as Receipt['signature']

    return Receipt.encode(receipt)
  }

  private debt (account: Account, now: number): Debt {
    const key = account.peer.toString()
    const debt = this.debts.get(key) ?? { bytes: 0, at: now }

    debt.bytes = Math.max(debt.bytes - Math.max(now - debt.at, 0) * this.forgiven, 0)
    debt.at = now
    this.debts.delete(key)
    this.debts.set(key, debt)

    if (this.debts.size > MAX_PEERS) {
      const [oldest] = this.debts.keys()
      this.debts.delete(oldest)
    }

    return debt
  }
}

/** What the signature is over. */
function signed (receipt: Receipt): Uint8Array {
  const body = Receipt.encode({ ...receipt, signature: new Uint8Array() })
  const bytes = new Uint8Array(DOMAIN.byteLength + body.byteLength)
  bytes.set(DOMAIN)
  bytes.set(body, DOMAIN.byteLength)

  return bytes
}
