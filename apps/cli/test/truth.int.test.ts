import { join } from 'node:path'
import { openEventStore, systemEnv } from '@vectra/event-store'
import { createPipeline, type RawFrame, type Source, type SourceItem, systemClock, systemRandom } from '@vectra/ingest'
import type { EventEnvelope } from '@vectra/schemas'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { scratch, vectra } from './run-cli.ts'

// A dozen processes are started in some of these.
vi.setConfig({ testTimeout: 120_000 })

const GAME = '20251212-6114b2ff44ef4b71'
const AT = 1_765_577_802_000_000
const dir = scratch()
const data = join(dir.path, 'data')

const fair = '"provablyFair":{"serverSeedHash":"x","version":"v3"}'
const window = (tick: number): string => {
  const ticks = [4, 3, 2, 1, 0].map((back) => tick - back).filter((at) => at >= 0)
  const values = ticks.map((at) => `"${at}":1.${at}`).join()
  return `"partialPrices":{"startTick":${ticks[0]},"endTick":${tick},"values":{${values}}}`
}
const tick = (n: number, more = ''): string =>
  `42["gameStateUpdate",{"gameId":"${GAME}","active":true,"rugged":false,"price":1.${n},"tickCount":${n},"tradeCount":3,"cooldownTimer":0,"cooldownPaused":false,"allowPreRoundBuys":false,"leaderboard":[],"connectedPlayers":1,${fair},${window(n)}${more}}]`

/** A live source over a list, 250 ms apart. */
function live(texts: readonly (string | SourceItem)[]): Source {
  return {
    name: 'public_ws',
    origin: null,
    async *items() {
      for (const [index, text] of texts.entries()) {
        if (typeof text !== 'string') yield text
        else {
          const frame: RawFrame = { text, direction: 'received', at: AT + index * 250_000, connection: 'ws-1' }
          yield { kind: 'frame', frame }
        }
      }
    },
  }
}

async function record(texts: readonly (string | SourceItem)[]): Promise<string> {
  await using store = await openEventStore({ dir: data })
  const { sessionId } = await createPipeline({
    source: live(texts),
    sink: store,
    clock: systemClock(),
    random: systemRandom(),
  }).run()
  return sessionId
}

/** A row as an older recorder left it: its schemas did not know what the present ones do. */
async function recordWithOldSchemas(frames: readonly { name: string; payload: string; packet?: string }[]): Promise<string> {
  const sessionId = '019b14a3-8200-748f-8e6f-b2eba3ebf2f9'
  await using store = await openEventStore({ dir: data, env: systemEnv() })
  await store.openSession({ sessionId, source: 'public_ws' })
  const events = frames.map(({ name, payload, packet = '42' }, index): EventEnvelope => {
    const text = `["${name}",${payload}]`
    return {
      _ts: AT + index,
      _seq: index + 1,
      _source: 'public_ws',
      _session_id: sessionId,
      _game_id: null,
      doc_type: 'ws_event',
      direction: 'received',
      event_name: name,
      ack_id: null,
      trace_id: null,
      packet,
      raw_json: text,
      payload_index: 1,
      payload: null,
      issues: [{ path: 'newField', code: 'unrecognized', message: 'not known then' }],
      acked: null,
      origin: null,
    }
  })
  await store.append(events)
  await store.endSession(sessionId)
  return sessionId
}

const run = async (...args: string[]): Promise<Record<string, unknown>[]> => {
  const { code, stdout, stderr } = await vectra([...args, '--json', '--quiet', '--data-dir', data])
  expect({ code, stderr: stderr.replace(/^.*more with --limit\n/m, '') }).toEqual({ code: 0, stderr: '' })
  return stdout
    .trim()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
}

let old = ''
beforeAll(async () => {
  await record([
    ...[0, 1, 2].map((n) => tick(n)),
    tick(5), // 3 and 4 are in its window
    tick(6),
    tick(16), // 7 to 11 are in nothing
    { kind: 'status', status: { kind: 'disconnect', connection: 'ws-1', reason: 'x' }, at: AT + 6 * 250_000 },
    tick(19, ',"brandNew":1'),
    '42["nobodyKnowsThis",{"a":1}]',
    '42["standard/newTrade",{"id":7}]',
  ])
  old = await recordWithOldSchemas([
    { name: 'gameNotification', payload: '{"message":"hello","type":"event","odds":1.10}' },
    { name: 'standard/newTrade', payload: '{"id":true}' },
  ])
}, 60_000)
afterAll(() => dir[Symbol.dispose]())

describe('vectra gaps', () => {
  it('says which ticks, how many have no price by now, and what gave the others back', async () => {
    expect(await run('gaps')).toMatchObject([
      {
        cause: 'feed',
        from_tick: 3,
        to_tick: 4,
        est_missing: 2,
        recovered_by: 'partialPrices',
        ticks_missing: 0,
        filled_by: ['partialPrices'],
      },
      {
        cause: 'feed',
        from_tick: 7,
        to_tick: 15,
        est_missing: 9,
        recovered_by: null,
        ticks_missing: 5,
        filled_by: ['partialPrices'],
      },
      { cause: 'disconnect', game_id: GAME, from_tick: 17, to_tick: 18, ticks_missing: 0, filled_by: ['partialPrices'] },
    ])
  })

  it('filters, and another session gives ticks back', async () => {
    expect(await run('gaps', '--cause', 'disconnect', '--game', GAME.slice(-8))).toHaveLength(1)
    expect(await run('gaps', '--source', 'cdp')).toEqual([])
    expect(await run('gaps', '--since', '1h')).toEqual([])
    expect(await run('gaps', '--limit', '1')).toMatchObject([{ cause: 'disconnect' }])
    const session = await record([7, 8, 9, 10, 11].map((n) => tick(n)))
    const [, jump] = await run('gaps')
    expect(jump).toMatchObject({ from_tick: 7, ticks_missing: 0, filled_by: ['partialPrices', `session ${session}`] })
  })

  it('a session is named by a part of its id; one that is not stored is an error, not a session without gaps', async () => {
    const all = await run('gaps')
    const [first] = all as { session_id: string }[]
    const own = (all as { session_id: string }[]).filter(({ session_id }) => session_id === first?.session_id)
    expect(await run('gaps', '--session', first?.session_id.slice(-10) ?? '')).toEqual(own)
    for (const verb of ['gaps', 'events', 'tail']) {
      const { code, stdout, stderr } = await vectra([verb, '--session', 'nowhere', '--data-dir', data])
      expect({ verb, code, stdout }).toEqual({ verb, code: 1, stdout: '' })
      expect(stderr).toMatch(/no session nowhere is stored\n.*`vectra sessions` lists them\n.*CLI_SESSION_NOT_FOUND/)
    }
  })

  it('ticks given back do not make a recording look like anything but one', async () => {
    const all = (await run('sessions')) as { source: string; origin: string | null }[]
    for (const { source, origin } of all) if (source === 'public_ws') expect(origin).toBeNull()
    expect(all.filter(({ source }) => source === 'public_ws').length).toBeGreaterThan(1)
  })

  it('as a table', async () => {
    const { stdout } = await vectra(['gaps', '--data-dir', data])
    expect(stdout.split('\n')[0]).toMatch(
      /^from \(UTC\) +length +cause +source +game +ticks +est\. frames +without price +given back by$/,
    )
    expect(stdout).toMatch(/feed +public_ws +20251212-6114b2ff44ef4b71 +3–4 +2 +0 +partialPrices$/m)
  })
})

describe('vectra drift', () => {
  it('lists fields and events that nobody knows, with the frame that showed them first', async () => {
    const found = await run('drift')
    expect(found).toMatchObject([
      { event: 'gameStateUpdate', path: 'brandNew', change: 'appeared', before: null, after: 'number', times: 1 },
      { event: 'nobodyKnowsThis', path: '', change: 'unknown_event', times: 1 },
      { event: 'standard/newTrade', path: 'id', change: 'type_changed', before: 'string', after: 'number', times: 1 },
    ])
    expect(await run('drift', '--event', 'playerUpdate')).toEqual([])
    expect(await run('drift', '--since', '1h')).toEqual([])
  })
})

describe('vectra quarantine', () => {
  it('lists, shows and stores again what fits now; a second retry adds nothing', async () => {
    const before = await run('quarantine', 'ls')
    expect(before).toContainEqual(
      expect.objectContaining({ event: 'gameNotification', frames: 1, resolved: 0, fits_now: 1, example: `${old}:1` }),
    )
    expect(before.reduce((sum, { fits_now }) => sum + Number(fits_now), 0)).toBe(1)
    expect(await run('quarantine', 'show', `${old}:1`)).toMatchObject([
      {
        text: '42["gameNotification",{"message":"hello","type":"event","odds":1.10}]',
        issues: [{ path: 'newField' }],
        issues_now: null,
      },
    ])
    expect(await run('quarantine', 'retry', '--dry-run')).toMatchObject([{ resolved: 1, session: null }])
    const counted = await rows()
    const [first] = await run('quarantine', 'retry')
    expect(first).toMatchObject({ resolved: 1, resolved_before: 0, dry_run: false })
    const after = await rows()
    // The frame, its note, and the ends of the session.
    expect(after).toBe(counted + 4)
    expect(await run('quarantine', 'retry')).toMatchObject([{ resolved: 0, resolved_before: 1, session: null }])
    expect(await rows()).toBe(after)
    expect(await run('quarantine', 'ls')).toContainEqual(
      expect.objectContaining({ event: 'gameNotification', resolved: 1, fits_now: 0 }),
    )
  })

  it('what was stored stays, and the frame stored again is the same, byte for byte', async () => {
    const sql = `SELECT origin, issues IS NULL AS fits, packet || raw_json AS text, epoch_us(ts) AS us FROM ws_event WHERE event_name = 'gameNotification' ORDER BY origin NULLS FIRST`
    const { stdout } = await vectra(['query', sql, '--format', 'json', '--data-dir', data])
    const text = '42["gameNotification",{"message":"hello","type":"event","odds":1.10}]'
    expect(JSON.parse(stdout)).toEqual([
      { origin: null, fits: false, text, us: AT },
      { origin: 'retry', fits: true, text, us: AT },
    ])
  })

  it('a frame that is not there, or no name of one', async () => {
    const none = await vectra(['quarantine', 'show', `${old}:99`, '--data-dir', data])
    expect([none.code, /CLI_FRAME_NOT_FOUND|no frame/.test(none.stderr)]).toEqual([1, true])
    expect((await vectra(['quarantine', 'show', 'x', '--data-dir', data])).code).toBe(2)
  })
})

async function rows(): Promise<number> {
  const { stdout } = await vectra(['query', 'SELECT count(*) AS n FROM events', '--format', 'json', '--data-dir', data])
  return Number((JSON.parse(stdout) as { n: number }[])[0]?.n)
}
