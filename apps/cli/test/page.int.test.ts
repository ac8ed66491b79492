import { join } from 'node:path'
import { io, type Socket } from 'socket.io-client'
import { expect, it } from 'vitest'
import { scratch, startCli, vectra } from './run-cli.ts'

/** The printed address, split. */
const ADDRESS = /(http:\/\/127\.0\.0\.1:(\d+))\/#token=([\w-]+)/

/** A page as the gateway sees one. */
function pageAt(origin: string, token: string): Socket {
  return io(origin, { auth: { token }, transports: ['websocket'], reconnection: false })
}

/** Places orders until one is accepted: buys are closed for the first seconds of a round. */
async function buy(page: Socket, connection: string, gameId: () => string, amount: string): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const id = `01900000-0000-7000-8000-${String(attempt).padStart(12, '0')}`
    const mark = { id, connection, shown: { gameId: gameId(), tick: 0, price: '1' }, clickedAt: Date.now(), control: 'key-b' }
    const answer = await page.timeout(10_000).emitWithAck('buyOrder', mark, { amount })
    if (answer.success === true) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error('no order was accepted')
}

it('demo: a page can play, and what it did is in the store', { timeout: 120_000 }, async () => {
  using dir = scratch()
  const data = join(dir.path, 'data')
  const args = ['demo', '--speed', '4', '--seed', 'page', '--rug-ticks', '300', '--data-dir', data, '--port', ':0', '--no-open']
  const demo = startCli(args, { cwd: dir.path })
  const [, origin = '', , token = ''] = await demo.seen(ADDRESS)
  expect((await fetch(`${origin}/api/session`)).status).toBe(401)
  const session = await fetch(`${origin}/api/session`, { headers: { Authorization: `Bearer ${token}` } })
  expect(await session.json()).toMatchObject({ mode: 'demo', dataDir: data })

  const page = pageAt(origin, token)
  let gameId = ''
  page.on('gameStateUpdate', (state: { gameId: string }) => {
    gameId = state.gameId
  })
  const hello = await new Promise<{ connection: string; orders: boolean; feed: object }>((resolve) =>
    page.once('vectra:hello', resolve),
  )
  expect(hello).toMatchObject({ orders: true, feed: { label: 'simulator' } })
  await page.timeout(5_000).emitWithAck('vectra:control', { do: 'arm' })
  await buy(page, hello.connection, () => gameId, '0.0123')
  page.close()
  demo.child.kill('SIGTERM')
  const { code, stdout } = await demo.done
  expect(code).toBe(0)
  expect(stdout).toContain('stopped cleanly')

  const sql = `SELECT event_name, json_extract_string(raw_json, '$.amount') AS amount, json_extract_string(raw_json, '$.phase') AS phase
    FROM system_event WHERE source = 'ui' AND event_name LIKE 'ui_%' ORDER BY seq`
  const actions = JSON.parse((await vectra(['query', sql, '--json', '--data-dir', data], { cwd: dir.path })).stdout)
  expect(actions).toContainEqual(expect.objectContaining({ event_name: 'ui_action', amount: '0.0123' }))
  expect(actions).toContainEqual(expect.objectContaining({ event_name: 'ui_order', phase: 'reflected' }))
  const orders = await vectra(
    [
      'query',
      "SELECT count(*) AS n FROM player_action WHERE source = 'ui' AND event_name = 'buyOrder'",
      '--json',
      '--data-dir',
      data,
    ],
    { cwd: dir.path },
  )
  expect(Number(JSON.parse(orders.stdout)[0].n)).toBeGreaterThanOrEqual(1)
  expect((await vectra(['store', 'verify', '--data-dir', data], { cwd: dir.path })).code).toBe(0)
})

it('play over a socket of our own, and serve on what it left', { timeout: 120_000 }, async () => {
  using dir = scratch()
  const data = join(dir.path, 'data')
  const sim = startCli(['sim', '--port', ':0', '--speed', '5', '--json'], { cwd: dir.path })
  const [, url = ''] = await sim.seen(/"url":"([^"]+)"/)
  const play = startCli(['play', '--url', url, '--data-dir', data, '--port', ':0', '--no-open', '--json'], {
    cwd: dir.path,
    env: { VECTRA_PLAY_TOKEN: 'sim:me', VECTRA_PLAYER_TOKEN: 'kept-over-restarts-0' },
  })
  const [, origin = '', , token = ''] = await play.seen(ADDRESS)
  expect(token).toBe('kept-over-restarts-0')
  const page = pageAt(origin, token)
  const account = await new Promise<{ cash: number }>((resolve) => page.once('playerUpdate', resolve))
  expect(account.cash).toBeGreaterThan(0)
  page.close()
  play.child.kill('SIGTERM')
  expect((await play.done).code).toBe(0)
  sim.child.kill('SIGTERM')
  await sim.done

  const serve = startCli(['serve', '--data-dir', data, '--port', ':0', '--no-open'], { cwd: dir.path })
  const [, served = '', , key = ''] = await serve.seen(ADDRESS)
  const watching = pageAt(served, key)
  const hello = await new Promise<{ mode: string; feed: unknown }>((resolve) => watching.once('vectra:hello', resolve))
  expect(hello).toMatchObject({ mode: 'serve', feed: null })
  watching.close()
  serve.child.kill('SIGTERM')
  expect((await serve.done).code).toBe(0)
})

it.each([
  [['play', '--source', 'replay'], 2, /--replay/],
  [['play', '--max-bet', 'much'], 2, /SOL amount/],
  [['serve', '--data-dir', '/nonexistent/vectra'], 1, /no data directory/],
])('%j says what to do', async (args, exit, words) => {
  using dir = scratch()
  const { code, stderr } = await vectra(args, { cwd: dir.path })
  expect(code).toBe(exit)
  expect(stderr).toMatch(words)
})
