import { mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { storePaths } from '@vectra/event-store'
import { describe, expect, it } from 'vitest'
import { type CliResult, vectra as run, scratch } from './run-cli.ts'

/** A small capture, recorded twice at different times, so that there is something to merge. */
function capture(session: number): string {
  return Array.from({ length: 20 }, (_, index) =>
    JSON.stringify({
      seq: index + 1,
      ts: new Date(Date.UTC(2025, 11, 12, 10 + session, 0, index)).toISOString(),
      event: 'gameStateUpdate',
      data: { gameId: `20251212-000000000000000${session}`, active: true, rugged: false, price: 1.5, tickCount: index, session },
    }),
  ).join('\n')
}

describe('store compact, prune, export, recover --rebuild-catalog', { timeout: 120_000 }, () => {
  it('keep every answer, say what they do, and refuse with 75 while another compactor is at work', async () => {
    using dir = scratch()
    const { writeFileSync } = await import('node:fs')
    for (const session of [1, 2]) writeFileSync(join(dir.path, `${session}.jsonl`), `${capture(session)}\n`)
    const data = join(dir.path, 'data')
    const vectra = (...args: string[]): Promise<CliResult> => run([...args, '--data-dir', data, '--json', '-q'])
    for (const session of [1, 2]) expect(await vectra('import', join(dir.path, `${session}.jsonl`))).toMatchObject({ code: 0 })
    const count = async (): Promise<string> =>
      (await vectra('query', 'SELECT doc_type, count(*), sum(seq) FROM events GROUP BY 1 ORDER BY 1')).stdout
    const before = await count()

    const plan = await vectra('store', 'compact', '--dry-run')
    expect(plan.code).toBe(0)
    expect(JSON.parse(plan.stdout)).toMatchObject({ dry_run: true, removed: 0 })
    const lock = new DatabaseSync(join(storePaths(data).root, 'maintenance.lock'))
    lock.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE')
    const refused = await vectra('store', 'compact')
    expect(refused).toMatchObject({ code: 75 })
    expect(JSON.parse(refused.stderr)).toMatchObject({ error: { code: 'STORE_BUSY' } })
    lock.close()

    const done = await vectra('store', 'compact')
    expect(done.code).toBe(0)
    expect(JSON.parse(done.stdout).merges.length).toBeGreaterThan(0)
    expect(JSON.parse((await vectra('store', 'compact')).stdout)).toMatchObject({ merges: [], removed: 0 })
    expect(await count()).toBe(before)
    expect(await vectra('store', 'verify', '--receipts')).toMatchObject({ code: 0 })

    const out = join(dir.path, 'out')
    mkdirSync(out)
    expect(
      JSON.parse((await vectra('store', 'export', '--to', out, '--format', 'ndjson', '--where', 'seq <= 3 -- three')).stdout)
        .rows,
    ).toBeGreaterThan(5)
    expect(readdirSync(out)).toContain('ws_event.ndjson')
    expect(
      await vectra('store', 'export', '--to', join(out, 'all.parquet'), '--where', "game_id = '20251212-0000000000000001'"),
    ).toMatchObject({ code: 0 })
    expect(
      (
        await vectra(
          'store',
          'export',
          '--to',
          join(out, 'x.csv'),
          '--format',
          'csv',
          '--where',
          'false) UNION SELECT * FROM read_csv(1',
        )
      ).code,
    ).not.toBe(0)

    expect(JSON.parse((await vectra('store', 'prune', '--older-than', '1d', '--doc-type', 'game_tick')).stdout)).toMatchObject({
      executed: false,
      removed: 0,
    })
    expect(await count()).toBe(before)
    expect(
      JSON.parse((await vectra('store', 'prune', '--older-than', '1d', '--doc-type', 'game_tick', '--yes')).stdout),
    ).toMatchObject({ executed: true })
    expect(await count()).not.toContain('game_tick')
    expect(JSON.parse((await vectra('store', 'recover', '--rebuild-catalog')).stdout)).toMatchObject({
      catalog_rebuilt: true,
      failures: [],
    })
    expect(await count()).not.toContain('game_tick')
    expect(await vectra('store', 'verify', '--receipts')).toMatchObject({ code: 0 })
  })
})
