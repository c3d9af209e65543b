/** A map that forgets what was set first once it holds more than `max`. */
export class RecentMap<K, V> {
  private readonly map = new Map<K, V>()
  private readonly max: number

  constructor (max: number) {
    this.max = max
  }

  get size (): number {
    return this.map.size
  }

  has (key: K): boolean {
    return this.map.has(key)
  }

  get (key: K): V | undefined {
    return this.map.get(key)
  }

  set (key: K, value: V): void {
    this.map.delete(key)
    this.map.set(key, value)

    if (this.map.size > this.max) {
      this.map.delete(this.map.keys().next().value as K)
    }
  }

  delete (key: K): boolean {
    return this.map.delete(key)
  }

  entries (): IterableIterator<[K, V]> {
    return this.map.entries()
  }
}
