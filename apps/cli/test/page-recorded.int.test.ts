import { join } from 'node:path'
import { expect, it } from 'vitest'
import { CAPTURES, HAVE_CAPTURES } from './captures.ts'
import { scratch, startCli, vectra } from './run-cli.ts'

const ADDRESS = /(http:\/\/127\.0\.0\.1:\d+)\/#token=([\w-]+)/
const GAME = '20251212-25dcb17086a24ad7'

it.runIf(HAVE_CAPTURES)(
  'serve: the page recomputes a game from its seed and searches the tables',
  { timeout: 120_000 },
  async () => {
    using dir = scratch()
    const data = join(dir.path, 'data')
    const options = { cwd: dir.path }
    expect((await vectra(['import', join(CAPTURES, 'public-2025-12-12.jsonl'), '--data-dir', data], options)).code).toBe(0)
    expect((await vectra(['index', 'run', '--table', 'events', '--model', 'none', '--data-dir', data], options)).code).toBe(0)
    const serve = startCli(['serve', '--data-dir', data, '--port', ':0', '--no-open'], {
      cwd: dir.path,
      env: { VECTRA_MODEL: 'none' },
    })
    const [, origin = '', token = ''] = await serve.seen(ADDRESS)
    const ask = async (path: string, body?: unknown): Promise<{ status: number; answer: unknown }> => {
      const response = await fetch(`${origin}/api${path}`, {
        headers: { Authorization: `Bearer ${token}` },
        ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
      })
      return { status: response.status, answer: await response.json() }
    }
    expect(await ask(`/replay/games/${GAME}/fairness`)).toMatchObject({
      status: 200,
      answer: { verdict: 'fair', checks: expect.arrayContaining([{ name: 'Prices', status: 'ok', text: '460 of 460 equal' }]) },
    })
    expect(await ask('/replay/games/20250101-0000000000000000/fairness')).toMatchObject({ status: 404 })
    const { answer } = await ask('/data/search', { text: 'rugged at tick 229', tables: ['events'] })
    expect(answer).toMatchObject({
      notices: [expect.stringMatching(/BM25/)],
      freshness: expect.stringMatching(/^events \d+ rows/),
    })
    expect((answer as { hits: { gameId: string | null }[] }).hits.some(({ gameId }) => gameId === GAME)).toBe(true)
    serve.child.kill('SIGTERM')
    expect((await serve.done).code).toBe(0)
  },
)
