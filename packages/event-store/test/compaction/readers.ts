import { expect } from 'vitest'
import { compactStore, listFiles, openQuery, type QueryEngine } from '../../src/index.ts'
import { temporaryDirectory } from '../temporary-directory.ts'
import { ANSWER, storeDay } from './day.ts'

async function ask(engine: QueryEngine): Promise<string> {
  const { rows } = await engine.sql(`${ANSWER} ws_event GROUP BY doc_type`)
  return rows.map((row) => row.map(String).join(' ')).join('\n')
}

/**
 * Four readers ask the same while days are stored and merged, again and again, for at least `rounds` merges: every answer about the
 * first day is the same, and none fails (P5).
 */
export async function readWhileCompacting(
  rounds: number,
  parts: number,
): Promise<{ answers: number; merges: number; removed: number }> {
  using dir = temporaryDirectory()
  await storeDay(dir.path, parts, 10)
  const engines = await Promise.all([1, 2, 3, 4].map(() => openQuery({ dir: dir.path, threads: 1, concurrency: 1 })))
  let done = false
  let answers = 0
  try {
    const [first] = engines
    if (first === undefined) throw new Error('no engine')
    // A day of its own for what is stored later, so that the first day's answer stays.
    const ofDay = "(SELECT * FROM events WHERE date = '2025-12-12')"
    const question = `${ANSWER} ${ofDay} GROUP BY doc_type ORDER BY doc_type`
    const answer = async (engine: QueryEngine): Promise<string> =>
      (await engine.sql(question)).rows.map((row) => row.map(String).join(' ')).join('\n')
    const expected = await answer(first)
    expect(await ask(first)).not.toBe('')
    const readers = engines.map(async (engine) => {
      while (!done) {
        expect(await answer(engine)).toBe(expected)
        answers++
      }
    })
    let merges = 0
    let removed = 0
    const compactor = async (): Promise<void> => {
      for (let round = 0; round < rounds; round++) {
        // The first day's files change in every round: two tiers, then the whole day, then with nothing to do.
        const report = await compactStore({ dir: dir.path, ...(round === 0 ? { fanIn: 2, tierBytes: 1 << 30 } : {}) })
        expect(report.failures).toEqual([])
        merges += report.merges.length
        removed += report.removed
        await storeDay(dir.path, 2, 5, round + 2, Date.UTC(2025, 11, 13 + round) * 1000)
      }
    }
    await compactor().finally(() => {
      done = true
    })
    await Promise.all(readers)
    removed += (await compactStore({ dir: dir.path })).removed
    expect(listFiles(dir.path).filter((file) => file.date === '2025-12-12')).toHaveLength(4)
    return { answers, merges, removed }
  } finally {
    done = true
    await Promise.all(engines.map((engine) => engine.close()))
  }
}
