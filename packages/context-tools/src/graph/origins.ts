/**
 * Which local names a value may come from, flow-insensitively: `const s = new Store()` makes `s` come from `Store`,
 * a parameter `bus: EventBus` makes `bus` come from `EventBus`, `this.bus = bus` passes it on.
 */
export class Origins {
  readonly #parents = new Map<string, Set<string>>()

  /** Records that `name` may come from `origin`. */
  add(name: string, origin: string): void {
    if (name === origin) return
    const known = this.#parents.get(name)
    if (known === undefined) this.#parents.set(name, new Set([origin]))
    else if (known.size < 8) known.add(origin)
  }

  /** The name itself and all it may come from, nearest first. */
  of(name: string): string[] {
    const found = [name]
    for (let at = 0; at < found.length && found.length < 32; at++) {
      for (const parent of this.#parents.get(found[at] as string) ?? []) if (!found.includes(parent)) found.push(parent)
    }
    return found
  }
}
