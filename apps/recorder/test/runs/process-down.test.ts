import type { Source, SourceItem } from '@vectra/ingest'
import { describe, expect, it } from 'vitest'
import { annotated } from '../../src/runs/annotated.ts'
import type { PreviousRun } from '../../src/runs/previous-run.ts'
import { processDownGap, withOpeningGap } from '../../src/runs/process-down.ts'

const run: PreviousRun = {
  session: 'before',
  end: 'killed',
  from: 10_000_000,
  aliveUntil: 12_000_000,
  lastFrameAt: 10_000_000,
  perSecond: 4,
}
const clock = { now: () => 99_000_000, monotonic: () => 0, timer: () => () => undefined }

const frame = (text: string, at: number, direction: 'received' | 'sent' = 'received'): SourceItem => ({
  kind: 'frame',
  frame: { text, at, direction, connection: 'a' },
})
const connect: SourceItem = { kind: 'status', status: { kind: 'connect', connection: 'a' }, at: 15_000_000 }

function source(items: readonly SourceItem[]): Source {
  return {
    name: 'public_ws',
    origin: null,
    async *items() {
      yield* items
    },
  }
}

async function all(wrapped: Source): Promise<SourceItem[]> {
  const items: SourceItem[] = []
  for await (const item of wrapped.items(new AbortController().signal)) items.push(item)
  return items
}

describe('the gap between two runs', () => {
  it('P9: lasts from the last sign of data to the first frame, with an estimate and who was before', () => {
    expect(processDownGap(run, 20_000_000, 'public_ws')).toEqual({
      from: 10_000_000,
      to: 20_000_000,
      cause: 'process_down',
      source: 'public_ws',
      est_missing: 40,
      recovered_by: null,
      previous_session: 'before',
      previous_end: 'killed',
      alive_until: 12_000_000,
    })
  })

  it('has no length when the clock went back, and no negative one ever', () => {
    expect(processDownGap(run, 4_000_000, 'public_ws')).toMatchObject({
      from: 4_000_000,
      to: 4_000_000,
      est_missing: null,
      clock_back_us: 6_000_000,
    })
  })

  it('without a rate there is no estimate', () => {
    expect(processDownGap({ ...run, perSecond: null }, 20_000_000, 'cdp').est_missing).toBeNull()
  })
})

describe('a recording that begins', () => {
  it('says it once, before the first frame of the feed, not before a handshake', async () => {
    const items = await all(
      withOpeningGap(
        source([
          frame('0{"sid":"x"}', 14_000_000),
          connect,
          frame('40', 15_000_000),
          frame('2', 15_500_000),
          frame('42["authenticate",{}]', 16_000_000, 'sent'),
          frame('42["gameStateUpdate",{}]', 17_000_000),
          frame('42["gameStateUpdate",{}]', 18_000_000),
        ]),
        run,
        clock,
      ),
    )
    expect(items.map((item) => (item.kind === 'frame' ? item.frame.text.slice(0, 4) : item.kind))).toEqual([
      '0{"s',
      'status',
      '40',
      '2',
      '42["',
      'gap',
      '42["',
      '42["',
    ])
    expect(items[5]).toMatchObject({ kind: 'gap', at: 17_000_000, gap: { from: 10_000_000, to: 17_000_000, est_missing: 28 } })
  })

  it('says it at its end when no frame came, and nothing when there was no run before', async () => {
    const items = await all(withOpeningGap(source([connect]), run, clock))
    expect(items.at(-1)).toMatchObject({ kind: 'gap', gap: { to: 99_000_000 } })
    const bare = source([connect])
    expect(withOpeningGap(bare, null, clock)).toBe(bare)
  })
})

it('a note stands before the next item, or at the end', async () => {
  const { source: noted, put } = annotated(source([connect, frame('42[]', 1)]))
  const note = (name: string): SourceItem => ({ kind: 'note', name, payload: {}, at: 1 })
  const seen: string[] = []
  put(note('first'))
  for await (const item of noted.items(new AbortController().signal)) {
    seen.push(item.kind === 'note' ? item.name : item.kind)
    if (item.kind === 'frame') put(note('last'))
  }
  expect(seen).toEqual(['first', 'status', 'frame', 'last'])
})
