import type { HistoryEntry, MessageId } from './types.js'

/** The first entry for each ID. */
export function distinct (entries: HistoryEntry[]): HistoryEntry[] {
  if (entries.length === 2) {
    return entries[0].messageId === entries[1].messageId ? [entries[0]] : entries
  }

  const ids = new Set<MessageId>()

  return entries.filter(({ messageId }) => ids.size < ids.add(messageId).size)
}
