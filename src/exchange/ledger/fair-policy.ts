import type { Account, ExchangePolicy } from './policy.js'

/** Of its share, what a peer may use at once. */
const BURST_MS = 250

/** Peers with a budget of their own; beyond that, the ones that are idle longest start anew. */
const MAX_PEERS = 1024

interface Budget {
  /** bytes; negative when the last batch was larger than what was left */
  left: number
  at: number
}

/**
 * The default: one peer alone gets all there is. Two or more get equal shares of the upload rate;
 * who gives more than it takes comes first, which is the scheduler's part.
 */
export class FairPolicy implements ExchangePolicy {
  private readonly rate: number
  private readonly budgets = new Map<string, Budget>()

  constructor (init: { uploadBytesPerSecond: number }) {
    this.rate = init.uploadBytesPerSecond / 1000
  }

  delay (account: Account, contenders: number, now: number): number {
    if (contenders <= 1) {
      return 0
    }

    const share = this.rate / contenders
    const { left } = this.budget(account, share, now)

    return left > 0 ? 0 : Math.ceil((1 - left) / share)
  }

  sent (account: Account, bytes: number, contenders: number, now: number): void {
    if (contenders > 1) {
      this.budget(account, this.rate / contenders, now).left -= bytes
    }
  }

  private budget (account: Account, share: number, now: number): Budget {
    const key = account.peer.toString()
    const budget = this.budgets.get(key) ?? { left: share * BURST_MS, at: now }

    budget.left = Math.min(budget.left + Math.max(now - budget.at, 0) * share, share * BURST_MS)
    budget.at = now
    this.budgets.delete(key)
    this.budgets.set(key, budget)

    if (this.budgets.size > MAX_PEERS) {
      const [oldest] = this.budgets.keys()
      this.budgets.delete(oldest)
    }

    return budget
  }
}
