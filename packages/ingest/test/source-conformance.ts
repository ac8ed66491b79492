import { describe, expect, it } from 'vitest'
import type { Source, SourceItem } from '../src/index.ts'

/** A source under test: one that will yield known frames. */
export interface SourceHarness {
  readonly source: Source
  /** Texts of the received events that one run yields, in order. */
  readonly expected: readonly string[]
  /** Resolves when a run that was left has released what it held (sockets, timers); default at once. */
  released?(): Promise<void>
  close?(): Promise<void>
}

const eventTexts = (items: readonly SourceItem[]): string[] =>
  items.flatMap((item) =>
    item.kind === 'frame' && item.frame.direction === 'received' && /^42/.test(String(item.frame.text))
      ? [String(item.frame.text)]
      : [],
  )

/** What the pipeline relies on; every `Source` runs it. */
export function describeSource(name: string, open: () => Promise<SourceHarness>): void {
  const using = async (test: (harness: SourceHarness) => Promise<void>): Promise<void> => {
    const harness = await open()
    try {
      await test(harness)
    } finally {
      await harness.close?.()
    }
  }

  /** Pulls until `enough` events came or the source ended, then goes on to the end. */
  const pull = async (
    source: Source,
    stop: AbortController,
    enough: number,
    pause?: () => Promise<void>,
  ): Promise<SourceItem[]> => {
    const items: SourceItem[] = []
    for await (const item of source.items(stop.signal)) {
      items.push(item)
      await pause?.()
      if (eventTexts(items).length === enough) stop.abort()
    }
    return items
  }

  describe(`Source: ${name}`, () => {
    it('P3: yields every frame in order, as it was', () =>
      using(async ({ source, expected }) => {
        const items = await pull(source, new AbortController(), expected.length)
        expect(eventTexts(items)).toEqual(expected)
        for (const item of items) {
          const at = item.kind === 'frame' ? item.frame.at : item.kind === 'record' ? item.record.at : item.at
          expect(Number.isSafeInteger(at) && at > 1_500_000_000_000_000).toBe(true)
          if (item.kind === 'frame') expect(item.frame.connection).not.toBe('')
        }
      }))

    it('loses nothing to a slow reader', () =>
      using(async ({ source, expected }) => {
        const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
        expect(eventTexts(await pull(source, new AbortController(), expected.length, turn))).toEqual(expected)
      }))

    it('ends after an abort, without rejecting', () =>
      using(async ({ source, expected, released }) => {
        const texts = eventTexts(await pull(source, new AbortController(), 2))
        expect(texts.length).toBeGreaterThanOrEqual(2)
        expect(expected.slice(0, texts.length)).toEqual(texts)
        await released?.()
      }))

    it('yields nothing for a signal that was aborted before', () =>
      using(async ({ source }) => {
        for await (const item of source.items(AbortSignal.abort())) expect(item).toBeUndefined()
      }))

    it('releases what it holds when the loop is left', () =>
      using(async ({ source, released }) => {
        for await (const item of source.items(new AbortController().signal)) if (item.kind === 'frame') break
        await released?.()
      }))

    it('runs again with a new signal', () =>
      using(async ({ source, expected }) => {
        await pull(source, new AbortController(), 1)
        expect(eventTexts(await pull(source, new AbortController(), expected.length))).toEqual(expected)
      }))
  })
}
