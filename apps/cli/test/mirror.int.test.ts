import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type CliResult, vectra as run, scratch } from './run-cli.ts'

const LINES = Array.from({ length: 20 }, (_, index) =>
  JSON.stringify({
    seq: index + 1,
    ts: new Date(Date.UTC(2025, 11, 12, 10, 0, index)).toISOString(),
    event: 'gameStateUpdate',
    data: { gameId: '20251212-0000000000000001', active: true, rugged: false, price: 1.5, tickCount: index },
  }),
).join('\n')

describe('store push, pull, views', { timeout: 120_000 }, () => {
  it('mirror a store into a directory and back, and say what they do', async () => {
    using dir = scratch()
    writeFileSync(join(dir.path, 'capture.jsonl'), `${LINES}\n`)
    const mirror = join(dir.path, 'mirror')
    const at = (data: string) => {
      return (...args: string[]): Promise<CliResult> => run([...args, '--data-dir', join(dir.path, data), '--json', '-q'])
    }
    const [vectra, copy] = [at('data'), at('copy')]
    expect(await vectra('import', join(dir.path, 'capture.jsonl'))).toMatchObject({ code: 0 })

    const plan = await vectra('store', 'push', '--to', mirror, '--dry-run')
    expect(JSON.parse(plan.stdout)).toMatchObject({ manifest: 0, dry_run: true, changed: true })
    expect(readdirSync(dir.path)).not.toContain('mirror')
    const empty = await copy('store', 'pull', '--from', mirror)
    expect(empty.code).toBe(69)
    expect(JSON.parse(empty.stderr)).toMatchObject({ error: { code: 'STORE_OBJECT_MISSING' } })

    const pushed = JSON.parse((await vectra('store', 'push', '--to', mirror)).stdout)
    expect(pushed).toMatchObject({ manifest: 1, changed: true, dry_run: false })
    expect(JSON.parse((await vectra('store', 'push', '--to', mirror)).stdout)).toMatchObject({ changed: false, uploaded: 0 })

    expect(JSON.parse((await copy('store', 'pull', '--from', mirror)).stdout)).toMatchObject({ manifest: 1, rows: pushed.rows })
    const count = 'SELECT doc_type, count(*), sum(seq) FROM events GROUP BY 1 ORDER BY 1'
    expect((await copy('query', count)).stdout).toBe((await vectra('query', count)).stdout)
    expect(await copy('store', 'verify')).toMatchObject({ code: 0 })

    const views = await vectra('store', 'views', '--from', mirror)
    expect(views.stdout).toContain(`CREATE OR REPLACE VIEW events AS`)
    expect(views.stdout).toContain(`${mirror}/events_parquet/doc_type=ws_event/`)
  })

  it.each([
    ['an address of another kind', ['--to', 'ftp://somewhere']],
    ['a bucket that is none', ['--to', 's3://A']],
    ['no address', []],
  ])('refuses %s with 2', async (_what, args) => {
    using dir = scratch()
    writeFileSync(join(dir.path, 'capture.jsonl'), `${LINES}\n`)
    const data = ['--data-dir', join(dir.path, 'data'), '-q']
    await run(['import', join(dir.path, 'capture.jsonl'), ...data])
    expect((await run(['store', 'push', ...args, ...data])).code).toBe(2)
  })
})
