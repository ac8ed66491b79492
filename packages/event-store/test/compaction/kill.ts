import { spawn } from 'node:child_process'
import { cpSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { DuckDBInstance } from '@duckdb/node-api'
import { expect } from 'vitest'
import { duckdbEncoder } from '../../src/encoders/duckdb.ts'
import { compactStore, listFiles, recoverStore, verifyStore } from '../../src/index.ts'
import { temporaryDirectory } from '../temporary-directory.ts'
import { ANSWER, globAnswer, storeDay } from './day.ts'

const VICTIM = fileURLToPath(new URL('compact-victim.ts', import.meta.url))

/** The answer over the catalog's own list of files. */
export async function listedAnswer(dir: string): Promise<unknown> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' })
  const connection = await instance.connect()
  try {
    const files = listFiles(dir).map((file) => `'${file.absolutePath}'`)
    return (
      await connection.runAndReadAll(
        `${ANSWER} read_parquet([${files.join(', ')}], hive_partitioning = true) GROUP BY doc_type ORDER BY doc_type`,
      )
    ).getRowsJson()
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}

/** Runs a compactor and kills it `after` ms behind its first merge, or lets it end; resolves to how long that took. */
async function run(dir: string, after?: number): Promise<number> {
  const child = spawn(process.execPath, ['--conditions=@vectra/source', '--disable-warning=ExperimentalWarning', VICTIM, dir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const merging = new Promise<void>((resolve) => {
    let text = ''
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk
      if (text.includes('MERGE')) resolve()
    })
  })
  await Promise.race([merging, exited])
  const started = performance.now()
  if (after !== undefined) {
    await Promise.race([delay(after), exited])
    child.kill('SIGKILL')
  }
  await exited
  return performance.now() - started
}

/**
 * Kills compactors with SIGKILL at random moments: the catalog's list and a plain glob give the same rows as before, at once after
 * the recovery, and after the next compaction, which ends in one file of each doc_type (P4, P5, P6).
 */
export async function killCompactors(
  kills: number,
  random: () => number,
): Promise<{ kills: number; undone: number; merged: number; wholeMs: number }> {
  using base = temporaryDirectory()
  const original = path.join(base.path, 'original')
  await storeDay(original, 12, 40)
  const expected = await globAnswer(original)
  const rehearsal = path.join(base.path, 'rehearsal')
  cpSync(original, rehearsal, { recursive: true })
  const wholeMs = await run(rehearsal)
  let undone = 0
  let merged = 0
  for (let kill = 1; kill <= kills; kill++) {
    using copy = temporaryDirectory()
    const dir = path.join(copy.path, 'data')
    cpSync(original, dir, { recursive: true })
    const after = random() * wholeMs
    await run(dir, after)
    const context = `kill ${kill}, after ${after.toFixed(1)} of ${wholeMs.toFixed(0)} ms`
    expect(await listedAnswer(dir), `${context}: before any recovery`).toEqual(expected)
    const report = await recoverStore({ dir, encoder: duckdbEncoder() })
    expect(report, context).toMatchObject({ failures: [], missingFiles: [], quarantined: [] })
    expect([await listedAnswer(dir), await globAnswer(dir)], context).toEqual([expected, expected])
    expect((await verifyStore({ dir })).findings, context).toEqual([])
    expect(await recoverStore({ dir, encoder: duckdbEncoder() }), `${context}: a second recovery`).toMatchObject({
      adoptedFiles: 0,
      removedTemporary: 0,
    })
    undone += report.removedTemporary > 0 ? 1 : 0
    merged += listFiles(dir).length < 48 ? 1 : 0
    await compactStore({ dir })
    expect(listFiles(dir), context).toHaveLength(4)
    expect([await listedAnswer(dir), await globAnswer(dir)], context).toEqual([expected, expected])
  }
  return { kills, undone, merged, wholeMs: Math.round(wholeMs) }
}
