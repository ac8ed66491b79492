import { describe, expect, test } from 'vitest'
import { type Cell, mergeBounds, planBuckets, planRuns, rowGroupRows } from '../../src/compaction/merge-plan.ts'

const input = (path: string, rows: number, bytes: number): { path: string; rows: number; bytes: number } => ({
  path,
  rows,
  bytes,
})
const cell = (gameId: string | null, block: number, bytes: number): Cell => ({ gameId, sessionId: 's', block, bytes })

describe('what a merge holds at once', () => {
  test('follows the memory limit in either spelling', () => {
    expect(mergeBounds('512MB').sortBytes).toBe(64e6)
    expect(mergeBounds('1 GiB').sortBytes).toBe(2 ** 27)
    expect(mergeBounds('1MB').sortBytes).toBe(4e6)
  })

  test('a row group of wide rows has fewer of them, in whole vectors', () => {
    const { groupBytes } = mergeBounds('64MB')
    const rows = (bytesEach: number): number => rowGroupRows(50_000, 50_000 * bytesEach, groupBytes)
    expect([300, 1_500, 3_000, 5_000, 12_000, 350_000].map(rows)).toEqual([10_240, 10_240, 4_096, 2_048, 2_048, 2_048])
    expect(rowGroupRows(3, 0, groupBytes)).toBe(10_240)
    expect(rowGroupRows(50_000, 50_000 * 5_000, mergeBounds('512MB').groupBytes)).toBe(10_240)
  })

  test('runs fit files, rows and bytes; a file too large by itself stands alone', () => {
    const bounds = { sortBytes: 0, runRows: 100, runFileBytes: 1_000, runFiles: 3, groupBytes: 1e9 }
    const names = (inputs: readonly ReturnType<typeof input>[]): string[] =>
      planRuns(inputs, bounds).map((run) => run.map((one) => one.path).join(''))
    expect(names([input('a', 1, 1), input('b', 1, 1), input('c', 1, 1), input('d', 1, 1)])).toEqual(['abc', 'd'])
    expect(names([input('a', 60, 1), input('b', 60, 1), input('c', 40, 1)])).toEqual(['a', 'bc'])
    expect(names([input('a', 1, 999), input('b', 1, 5_000), input('c', 1, 1)])).toEqual(['a', 'b', 'c'])
    expect(names([])).toEqual([])
  })

  test('buckets are stretches in order; rows without a game stand apart', () => {
    const cells = [cell(null, 0, 5), cell(null, 1, 5), cell('a', 0, 4), cell('b', 0, 4), cell('b', 1, 4), cell('c', 0, 100)]
    const found = planBuckets(cells, 10).map(({ first, last }) => [
      `${first.gameId}${first.block}`,
      `${last.gameId}${last.block}`,
    ])
    expect(found).toEqual([
      ['null0', 'null1'],
      ['a0', 'b0'],
      ['b1', 'b1'],
      ['c0', 'c0'],
    ])
  })
})
