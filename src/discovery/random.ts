import type { Random } from '../clock.js'

/** A new array in random order. */
export function shuffle<T> (items: readonly T[], random: Random): T[] {
  return sample(items, items.length, random, () => true)
}

/** Up to `count` of the items that fit, in random order. Looks at no more of them than it needs to. */
export function sample<T> (items: readonly T[], count: number, random: Random, fits: (item: T) => boolean): T[] {
  const rest = [...items]
  const chosen: T[] = []

  for (let i = 0; i < rest.length && chosen.length < count; i++) {
    const j = i + Math.floor(random.float() * (rest.length - i))
    const item = rest[j]
    rest[j] = rest[i]

    if (fits(item)) {
      chosen.push(item)
    }
  }

  return chosen
}

/** One of the items, each with the same chance. */
export function pick<T> (items: readonly T[], random: Random): T | undefined {
  return items[Math.floor(random.float() * items.length)]
}
