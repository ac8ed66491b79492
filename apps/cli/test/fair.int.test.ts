import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { CAPTURES, HAVE_CAPTURES } from './captures.ts'
import { scratch, vectra } from './run-cli.ts'

const SEED = '49f5826e9ef04669ad77a4d5cc8a7435f4c87b82a63ee650e62c292fe2cdc3c1'
const GAME = '20260206-74fb8b07116b4d39'
const PASTED = ['fair', '--seed', SEED, '--game-id', GAME]

/** One JSON object per line. */
function objects(stdout: string): Record<string, unknown>[] {
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
}

describe('a pasted seed', () => {
  it('is recomputed and compared with what is given beside it', async () => {
    const good = await vectra([
      ...PASTED,
      '--peak',
      '7.070350670169239',
      '--hash',
      'c1709d66f87be4fe6c6a3efff1901931bad48a9b06ae3cb3ff879db328dd5c71',
      '--json',
    ])
    expect([good.code, good.stderr]).toEqual([0, ''])
    expect(objects(good.stdout)).toMatchObject([
      {
        game_id: GAME,
        verdict: 'fair',
        hash: { status: 'ok' },
        peak: { status: 'ok' },
        derived: { rug_tick: 206 },
        parameters: { version: 'v3', rug_probability: 0.005 },
      },
    ])
  })

  it.each([
    [['--peak', '7.070350670169238'], 'peakMultiplier'],
    [['--hash', 'd1709d66f87be4fe6c6a3efff1901931bad48a9b06ae3cb3ff879db328dd5c71'], 'serverSeedHash'],
  ])('exits 65 when %j is wrong, and names it', async (args, field) => {
    const { code, stdout } = await vectra([...PASTED, '--peak', '7.070350670169239', ...args, '--json'])
    expect(code).toBe(65)
    expect(objects(stdout)[0]).toMatchObject({ verdict: 'mismatch', faults: [{ field }] })
  })

  it('prints the path with --ticks, and every number marked as derived', async () => {
    const { code, stdout } = await vectra([...PASTED, '--ticks', '--json'])
    expect(code).toBe(0)
    const [game] = objects(stdout)
    expect([(game?.derived_prices as number[]).length, (game?.derived_prices as number[])[0]]).toEqual([207, 1])
    expect(game?.verdict).toBe('unverifiable')
  })

  it.each([
    [['fair'], /name games or capture files/],
    [['fair', '--all', GAME], /name games or capture files/],
    [['fair', '--seed', 'abc', '--game-id', GAME], /64 lowercase hex/],
    [['fair', '--seed', SEED], /needs the --game-id/],
    [[...PASTED, '--game-version', 'v9'], /v1, v2, v3/],
  ])('%j is a usage error', async (args, message) => {
    const { code, stdout, stderr } = await vectra(args)
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toMatch(message)
  })
})

describe.skipIf(!HAVE_CAPTURES)('recorded games', () => {
  it('of capture files: all ten seeded games of Feb 2026 are fair, without a store', async () => {
    using dir = scratch()
    const { code, stdout } = await vectra(['fair', join(CAPTURES, 'key-samples.json'), '--json'], { cwd: dir.path })
    expect(code).toBe(0)
    const games = objects(stdout)
    expect(games.filter((game) => game.verdict === 'fair')).toHaveLength(10)
    expect(games.filter((game) => game.verdict === 'unverifiable').map((game) => game.game_id)).toEqual([
      '20260206-003482fbeaae4ad5',
    ])
  })

  it('of the store: --all, one by part of its id, one known from history alone; each game once', {
    timeout: 120_000,
  }, async () => {
    using dir = scratch()
    const data = join(dir.path, 'data')
    const files = [
      'public-2025-12-12.jsonl',
      'raw-frames.jsonl',
      'key-samples.json',
      'recorded-games/game_20251029_212512.jsonl',
    ].map((name) => join(CAPTURES, name))
    expect((await vectra(['import', ...files, '--data-dir', data])).code).toBe(0)
    const all = await vectra(['fair', '--all', '--data-dir', data, '--json'])
    expect(all.code).toBe(0)
    const games = objects(all.stdout)
    expect(new Set(games.map((game) => game.game_id)).size).toBe(games.length)
    expect(games.filter((game) => game.verdict === 'fair')).toHaveLength(32)
    expect(games.filter((game) => game.verdict === 'mismatch')).toEqual([])
    expect(games.filter((game) => game.provenance === 'history').length).toBeGreaterThan(25)

    const live = await vectra(['fair', '6114b2ff44ef4b71', '--data-dir', data])
    expect(live.code).toBe(0)
    expect(live.stdout).toMatch(/20251212-6114b2ff44ef4b71 +fair +ok +34 of 34 +16 +ok/)
    expect(live.stdout).toMatch(/1 game: 1 fair, 0 mismatches, 0 unverifiable/)
    const missed = await vectra(['fair', '20251212-dbb443e2e08a45fd', '--data-dir', data, '--json'])
    expect([missed.code, objects(missed.stdout)[0]]).toMatchObject([0, { verdict: 'fair', provenance: 'history' }])
    const partOfMissed = await vectra(['fair', 'dbb443e2e08a45fd', '--data-dir', data, '--json'])
    expect(objects(partOfMissed.stdout)).toMatchObject([{ game_id: '20251212-dbb443e2e08a45fd' }])

    const pending = await vectra(['fair', '20260206-003482fbeaae4ad5', '--data-dir', data])
    expect([pending.code, /revealed when the next one begins/.test(pending.stderr)]).toEqual([75, true])
    const none = await vectra(['fair', '20260206-ffffffffffffffff', '--data-dir', data])
    expect([none.code, /CLI_GAME_NOT_FOUND/.test(none.stderr)]).toEqual([1, true])
  })

  it('a digit flipped in an imported price is found with its tick: exit 65', { timeout: 60_000 }, async () => {
    using dir = scratch()
    const text = readFileSync(join(CAPTURES, 'public-2025-12-12.jsonl'), 'utf8')
    // Tick 9 of the game that was recorded live from presale to rug: once in its own frame, and in the windows and histories after it.
    const price = '1.256113523028957'
    expect(text.split(price).length - 1).toBeGreaterThan(3)
    const changed = join(dir.path, 'changed.jsonl')
    mkdirSync(dir.path, { recursive: true })
    writeFileSync(changed, '')
    appendFileSync(changed, text.replace(price, '1.256113523028951'))
    const { code, stdout } = await vectra(['fair', changed, '--json'])
    expect(code).toBe(65)
    const wrong = objects(stdout).filter((game) => game.verdict === 'mismatch')
    expect(wrong).toMatchObject([{ game_id: '20251212-6114b2ff44ef4b71' }])
    expect(
      (wrong[0]?.faults as { field: string; tick: number }[]).every((fault) => fault.field === 'price' && fault.tick === 9),
    ).toBe(true)
  })
})
