import { describe, expect, it } from 'vitest'
import { type ReplayRecord, replaySource, type SourceItem, systemClock } from '../../src/index.ts'
import { describeSource } from '../source-conformance.ts'
import { collect, settled } from '../support/list-source.ts'
import { ManualClock } from '../support/manual-clock.ts'

const never = new AbortController().signal
const records: ReplayRecord[] = Array.from({ length: 20 }, (_, index) => ({
  at: 1_765_577_802_000_000 + index * 250_000,
  text: `42["n",${index},1.10]`,
  direction: 'received',
}))
const texts = (items: SourceItem[]): unknown[] => items.map((item) => (item.kind === 'frame' ? item.frame.text : item.kind))

describeSource('replay', async () => ({
  source: replaySource(records, { clock: systemClock(), speed: 'max' }),
  expected: records.map(({ text }) => String(text)),
}))

describe('replaying', () => {
  it.each([
    [1, 250],
    [4, 62.5],
  ])('at speed %s waits %s ms between events 250 ms apart', async (speed, delayMs) => {
    const clock = new ManualClock()
    const source = replaySource(records, { clock, speed })
    const seen: SourceItem[] = []
    const playing = (async () => {
      for await (const item of source.items(never)) seen.push(item)
    })()
    for (let count = 1; count < records.length; count += 1) {
      await clock.until((pending) => pending.length === 1)
      expect(seen).toHaveLength(count)
      expect(clock.pending[0]).toBeCloseTo(delayMs)
      clock.advance(delayMs)
    }
    await playing
    expect(texts(seen)).toEqual(records.map(({ text }) => text))
    expect(clock.monotonic()).toBe(19 * delayMs)
  })

  it('keeps to the clock when the reader is late, and plays steps back at once', async () => {
    const clock = new ManualClock()
    const jumpy: ReplayRecord[] = [0, 1_000, 500, 3_000].map((ms, index) => ({
      at: ms * 1000,
      text: `42["n",${index}]`,
      direction: 'received',
    }))
    const items = replaySource(jumpy, { clock }).items(never)[Symbol.asyncIterator]()
    await items.next()
    clock.advance(2_500)
    await items.next()
    await items.next()
    const last = items.next()
    await settled()
    expect(clock.pending).toEqual([500])
    clock.advance(500)
    expect((await last).done).toBe(false)
  })

  it('stamps the time of the replay, or the recorded one', async () => {
    const clock = new ManualClock(5_000_000)
    const at = async (times: 'now' | 'recorded'): Promise<unknown> => {
      const [first] = await collect(replaySource(records.slice(0, 1), { clock, times }).items(never))
      return first?.kind === 'frame' ? first.frame.at : null
    }
    expect(await at('now')).toBe(5_000_000)
    expect(await at('recorded')).toBe(records[0]?.at)
  })

  it('loops until it is told to stop, each round a connection of its own', async () => {
    const stop = new AbortController()
    const seen: SourceItem[] = []
    for await (const item of replaySource(() => records, { clock: systemClock(), speed: 'max', loop: true }).items(stop.signal)) {
      seen.push(item)
      if (seen.length === 50) stop.abort()
    }
    expect(texts(seen).slice(20, 40)).toEqual(records.map(({ text }) => text))
    expect(new Set(seen.map((item) => (item.kind === 'frame' ? item.frame.connection : ''))).size).toBe(3)
    expect(await collect(replaySource([], { clock: systemClock(), loop: true }).items(never))).toEqual([])
  })

  it('stops at once while it waits', async () => {
    const clock = new ManualClock()
    const stop = new AbortController()
    const done = collect(replaySource(records, { clock }).items(stop.signal))
    await clock.until((pending) => pending.length === 1)
    stop.abort()
    expect(await done).toHaveLength(1)
    expect(clock.pending).toEqual([])
  })

  it('refuses a speed that is none, and a loop over what can be read once', () => {
    const clock = systemClock()
    for (const speed of [0, -1, Number.NaN, Number.POSITIVE_INFINITY])
      expect(() => replaySource(records, { clock, speed })).toThrow(TypeError)
    expect(() => replaySource(records.values(), { clock, loop: true })).toThrow(TypeError)
  })
})
