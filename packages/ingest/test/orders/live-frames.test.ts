import { expect, it } from 'vitest'
import type { SourceItem } from '../../src/index.ts'
import { LiveFrames } from '../../src/orders/direct/live-frames.ts'
import { ManualClock } from '../support/manual-clock.ts'

const frame = (n: number) => ({ text: `42["n",${n}]`, direction: 'received' as const, at: n, connection: 'order-1' })

function told(items: readonly SourceItem[]): { frames: number; missed: number } {
  return {
    frames: items.filter(({ kind }) => kind === 'frame').length,
    missed: items.reduce(
      (sum, item) => sum + (item.kind === 'status' && item.status.kind === 'overflow' ? item.status.missed : 0),
      0,
    ),
  }
}

it('P9: a reader that comes late or reads slowly is told exactly how much it did not get; the socket never waits', async () => {
  const frames = new LiveFrames(new ManualClock())
  for (let n = 0; n < 10_000; n += 1) frames.frame(frame(n))
  const seen: SourceItem[] = []
  const items = frames.items(new AbortController().signal)
  for await (const item of items) {
    seen.push(item)
    if (seen.length === 3_000) for (let n = 10_000; n < 10_005; n += 1) frames.frame(frame(n))
    if (seen.length === 3_500) frames.close()
  }
  const { frames: got, missed } = told(seen)
  expect(missed).toBeGreaterThan(5_000)
  expect(got + missed).toBe(10_005)
})

it('a second reader begins with the present: the connection that is open, and what comes from then on', async () => {
  const frames = new LiveFrames(new ManualClock())
  const first = frames.items(new AbortController().signal)
  frames.status({ kind: 'connect', connection: 'order-1' })
  frames.frame(frame(1))
  await first.next()
  const second = frames.items(new AbortController().signal)
  const opening = second.next()
  frames.frame(frame(2))
  frames.close()
  expect((await opening).value).toMatchObject({ kind: 'status', status: { kind: 'connect', connection: 'order-1' } })
  expect((await second.next()).value).toMatchObject({ frame: { text: '42["n",2]' } })
  expect((await second.next()).done).toBe(true)
})
