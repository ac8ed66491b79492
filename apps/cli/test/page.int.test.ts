import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { ADDRESS, buy, pageAt } from './player-page.ts'
import { scratch, startCli, vectra } from './run-cli.ts'

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
  const hello = await new Promise<{ connection: string; orders: boolean; feed: object }>((resolve) =>
    page.once('vectra:hello', resolve),
  )
  expect(hello).toMatchObject({ orders: true, feed: { label: 'simulator' } })
  await page.timeout(5_000).emitWithAck('vectra:control', { do: 'arm' })
  await buy(page, hello.connection, '0.0123')
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

it('play --source replay: a capture on the Live screen, beside another page that has the usual port', {
  timeout: 120_000,
}, async () => {
  using dir = scratch()
  const capture = join(dir.path, 'capture.jsonl')
  const prices = Array.from({ length: 400 }, (_, tick) => ({
    gameId: 'recorded',
    active: true,
    rugged: false,
    price: 1,
    tickCount: tick,
  }))
  writeFileSync(
    capture,
    prices
      .map((data, seq) =>
        JSON.stringify({ seq, ts: new Date(1_765_000_000_000 + seq * 250).toISOString(), event: 'gameStateUpdate', data }),
      )
      .join('\n'),
  )
  const args = ['play', '--source', 'replay', '--replay', capture, '--data-dir', join(dir.path, 'data'), '--no-open']
  // Whoever has the port, one of the two is on another one.
  const others = [startCli(args, { cwd: dir.path }), startCli([...args, '--loop'], { cwd: dir.path })]
  const addresses = await Promise.all(others.map((one) => one.seen(ADDRESS)))
  expect(addresses[0]?.[2]).not.toBe(addresses[1]?.[2])
  for (const [, origin = '', , token = ''] of addresses) {
    const page = pageAt(origin, token)
    const hello = new Promise((resolve) => page.once('vectra:hello', resolve))
    const live = new Promise<void>((resolve) =>
      page.on('vectra:link', ({ state }: { state: string }) => state === 'connected' && resolve()),
    )
    const state = new Promise((resolve) => page.once('gameStateUpdate', resolve))
    expect(await hello).toMatchObject({ orders: false, feed: { label: 'replay', source: 'replay' } })
    expect(await state).toMatchObject({ gameId: 'recorded' })
    await live
    page.close()
  }
  for (const { child } of others) child.kill('SIGTERM')
  expect((await Promise.all(others.map(({ done }) => done))).map(({ code }) => code)).toEqual([0, 0])
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

it('a token that no page could keep is refused before anything starts', async () => {
  using dir = scratch()
  const { code, stderr } = await vectra(['demo', '--no-open', '--data-dir', join(dir.path, 'data')], {
    cwd: dir.path,
    env: { VECTRA_PLAYER_TOKEN: 'short' },
  })
  expect(code).toBe(78)
  expect(stderr).toMatch(/VECTRA_PLAYER_TOKEN is no token.*16 or more letters/s)
})

it('an empty token is none: the public feed is watched', async () => {
  using dir = scratch()
  const { code, stderr } = await vectra(
    ['play', '--url', 'http://127.0.0.1:9', '--duration', '200ms', '--no-open', '--data-dir', join(dir.path, 'data')],
    { cwd: dir.path, env: { VECTRA_PLAY_TOKEN: '', VECTRA_PLAYER_TOKEN: '' } },
  )
  expect(code).toBe(0)
  expect(stderr).toContain('this source is to watch')
})
