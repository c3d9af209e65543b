import { hashId } from './bloom/index.js'
import type { Core } from './core.js'
import type { Dependencies } from './dependencies.js'
import type { MessageId } from './types.js'

/** A filter that errs more often is no sign of holding a message. */
const MAX_RATE = 0.01

/** Senders that are likely to hold a message, the likeliest first, ours left out. */
export function holdersOf (messageId: MessageId, { log, seen, senders, senderId: ours }: Core, dependencies: Dependencies): string[] {
  const slot = seen.find(messageId)
  const row = log.get(slot)
  const missing = dependencies.getMissing(messageId)
  const author = row?.senderId ?? dependencies.getParked(messageId)?.sender.senderId ?? missing?.first.senderId
  const out = new Set<string>([...author == null ? [] : [author], ...row?.receipts ?? [], ...missing?.citers ?? []])
  const hashed = hashId(messageId)

  for (const { senderId, filter } of senders.withFilter()) {
    if (filter.rate < MAX_RATE && filter.has(hashed)) {
      out.add(senderId)
    }
  }

  out.delete(ours)

  return [...out]
}
