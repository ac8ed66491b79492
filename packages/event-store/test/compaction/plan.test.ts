import { describe, expect, it } from 'vitest'
import { type PlanFile, planCompaction } from '../../src/index.ts'

const NOW = Date.UTC(2025, 11, 13, 12) * 1000
const KIB = 1024

let number = 0
function file(date: string, bytes: number, docType: PlanFile['docType'] = 'ws_event'): PlanFile {
  return {
    path: `events_parquet/doc_type=${docType}/date=${date}/part-00000001-${String(++number).padStart(8, '0')}.parquet`,
    docType,
    date,
    bytes,
    rows: 100,
    sessionId: 'x',
  }
}
const files = (count: number, date: string, bytes: number): PlanFile[] => Array.from({ length: count }, () => file(date, bytes))

describe('what is merged', () => {
  it('leaves nothing, one file, and what is one file already alone', () => {
    expect(planCompaction([], { now: NOW })).toEqual([])
    expect(planCompaction([file('2025-12-12', 10)], { now: NOW })).toEqual([])
    expect(
      planCompaction([file('2025-12-12', 10), file('2025-12-11', 10), file('2025-12-12', 10, 'game_tick')], { now: NOW }),
    ).toEqual([])
  })

  it('makes a closed day one file for each doc_type, oldest first', () => {
    const plan = planCompaction(
      [
        ...files(3, '2025-12-12', 50),
        ...files(2, '2025-12-11', 9_000_000),
        file('2025-12-12', 5, 'game_tick'),
        file('2025-12-12', 5, 'game_tick'),
      ],
      { now: NOW },
    )
    expect(plan.map(({ date, docType, kind, inputs, rows }) => [date, docType, kind, inputs.length, rows])).toEqual([
      ['2025-12-11', 'ws_event', 'day', 2, 200],
      ['2025-12-12', 'game_tick', 'day', 2, 200],
      ['2025-12-12', 'ws_event', 'day', 3, 300],
    ])
  })

  it('waits until the last segments of a day are in', () => {
    const midnight = Date.UTC(2025, 11, 13) * 1000
    expect(planCompaction(files(3, '2025-12-12', 50), { now: midnight + 14 * 60e6 })).toEqual([])
    expect(planCompaction(files(3, '2025-12-12', 50), { now: midnight + 16 * 60e6 })).toHaveLength(1)
  })

  it('merges the current day by tiers of size, once a tier is worth it', () => {
    expect(planCompaction([...files(9, '2025-12-13', 50 * KIB), ...files(9, '2025-12-13', 500 * KIB)], { now: NOW })).toEqual([])
    const plan = planCompaction([...files(10, '2025-12-13', 50 * KIB), ...files(9, '2025-12-13', 500 * KIB)], { now: NOW })
    expect(plan.map(({ kind, inputs }) => [kind, inputs.length])).toEqual([['tier', 10]])
  })

  it('a day asked for counts as closed', () => {
    expect(
      planCompaction([...files(2, '2025-12-13', 50), ...files(2, '2025-12-12', 50)], { now: NOW, date: '2025-12-13' }).map(
        ({ date, kind }) => [date, kind],
      ),
    ).toEqual([['2025-12-13', 'day']])
  })

  it('does not depend on the order of the list', () => {
    const list = [...files(12, '2025-12-13', 50), ...files(5, '2025-12-12', 50)]
    expect(planCompaction(list.toReversed(), { now: NOW })).toEqual(planCompaction(list, { now: NOW }))
  })
})
