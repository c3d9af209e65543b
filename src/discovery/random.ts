import type { Random } from '../clock.js'

/** A new array in random order. */
export function shuffle<T> (items: readonly T[], random: Random): T[] {
  const result = [...items]

  for (let i = result.length - 1; i > 0; i--) {
    const j = Math.floor(random.float() * (i + 1))
    const item = result[i]
    result[i] = result[j]
    result[j] = item
  }

  return result
}

/** One of the items, each with the same chance. */
export function pick<T> (items: readonly T[], random: Random): T | undefined {
  return items[Math.floor(random.float() * items.length)]
}
