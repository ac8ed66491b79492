import type { Source, SourceItem } from '../../src/index.ts'

/** Event frames `42["e",<n>]`, one microsecond apart. */
export function numbered(count: number, size = 0): SourceItem[] {
  return Array.from({ length: count }, (_, index) => {
    const padding = size > 0 ? `,"${'x'.repeat(size)}"` : ''
    return {
      kind: 'frame',
      frame: { text: `42["e",${index}${padding}]`, direction: 'received', at: 1_000_000 + index, connection: 'a' },
    }
  })
}

/** A live source over a list that counts how far it was pulled and whether it was left in order. */
export class ListSource implements Source {
  readonly name = 'public_ws'
  readonly origin = null
  readonly #items: readonly SourceItem[]
  readonly #beforeItem: ((index: number, signal: AbortSignal) => void | Promise<void>) | undefined
  pulled = 0
  released = false

  constructor(items: readonly SourceItem[], beforeItem?: (index: number, signal: AbortSignal) => void | Promise<void>) {
    this.#items = items
    this.#beforeItem = beforeItem
  }

  async *items(signal: AbortSignal): AsyncGenerator<SourceItem, void, undefined> {
    try {
      for (const [index, item] of this.#items.entries()) {
        await this.#beforeItem?.(index, signal)
        this.pulled += 1
        yield item
      }
    } finally {
      this.released = true
    }
  }
}

/** Resolves when every microtask and immediate callback that is due has run. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
}

/** Everything an async iterable yields. */
export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}
