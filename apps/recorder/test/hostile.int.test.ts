import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { openEventStore, openQuery, verifyStore } from '@vectra/event-store'
import { createPipeline, type RawFrame, type Source, systemClock, systemRandom } from '@vectra/ingest'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { seedPath } from '../src/seed-path.ts'

const FRAMES = 10_000
const GAME = '20251212-6114b2ff44ef4b71'

const NAMES = [
  'gameStateUpdate',
  'playerUpdate',
  'standard/newTrade',
  'usernameStatus',
  'connect',
  'disconnect',
  'newListener',
  '__proto__',
  'constructor',
  'toString',
  'ack:buyOrder',
  'session_start',
  '',
  '\u0000',
  '\ud800',
  'x'.repeat(5_000),
]
const KEYS = [
  '__proto__',
  'constructor',
  'prototype',
  'gameId',
  'price',
  'tickCount',
  'partialPrices',
  'prices',
  'gameHistory',
  'leaderboard',
  'active',
  'rugged',
  'cooldownTimer',
  'allowPreRoundBuys',
  'id',
  'authenticated',
  'a.b[0]',
  '',
  '\ud83d',
]
const LITERALS = [
  '1e400',
  '-1e400',
  '1e-9999',
  '-0',
  '0.1234567890123456789012345678901234567890',
  '123456789012345678901234567890',
  '9007199254740993',
  'NaN',
  'Infinity',
  '1.',
  '.5',
  '+1',
  '0x10',
  'true',
  'null',
  '"\\ud800"',
  '"\\u0000"',
  '{}',
  '[]',
]

/** JSON of every wrong type in every known field. */
const value: fc.Arbitrary<string> = fc.letrec<{ json: string }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(...LITERALS),
    fc.json({ maxDepth: 2 }),
    fc.string({ unit: 'binary', maxLength: 40 }).map((text) => JSON.stringify(text)),
    fc.array(tie('json'), { maxLength: 6 }).map((items) => `[${items.join(',')}]`),
    fc
      .array(fc.tuple(fc.constantFrom(...KEYS), tie('json')), { maxLength: 8 })
      .map((members) => `{${members.map(([key, text]) => `${JSON.stringify(key)}:${text}`).join(',')}}`),
  ),
})).json

/** State frames that nearly are some: they drive what keeps account of games. */
const state = fc
  .record({
    game: fc.constantFrom(GAME, '20251212-25dcb17086a24ad7', '__proto__', ''),
    active: fc.boolean(),
    rugged: fc.boolean(),
    tick: fc.oneof(fc.integer({ min: -5, max: 6_000 }).map(String), fc.constantFrom('1e9', '"7"', 'null')),
    price: fc.constantFrom('1', '1.5', '1e400', '"2"', 'null', '-1'),
    extra: fc.constantFrom(
      '',
      ',"prices":[1,1.1,"x",null,1e400]',
      ',"partialPrices":{"startTick":-1,"endTick":"9","values":{"-1":1,"1e3":2,"99999999":3,"7":1.7,"x":4}}',
      `,"gameHistory":[null,7,{"id":"${GAME}"},{"id":"${GAME}","prices":[]},{"id":"${GAME}","prices":{},"provablyFair":{"serverSeed":7}},{"id":"${GAME}","provablyFair":{"serverSeed":"00","serverSeedHash":"00"},"peakMultiplier":2,"gameVersion":"v3"}]`,
    ),
  })
  .map(
    ({ game, active, rugged, tick, price, extra }) =>
      `42["gameStateUpdate",{"gameId":${JSON.stringify(game)},"active":${active},"rugged":${rugged},"price":${price},"tickCount":${tick},"cooldownTimer":0${extra}}]`,
  )

const text = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .tuple(fc.constantFrom(...NAMES), fc.array(value, { maxLength: 3 }))
      .map(([name, args]) => `42[${[JSON.stringify(name), ...args].join(',')}]`),
  },
  { weight: 3, arbitrary: state },
  {
    weight: 1,
    arbitrary: fc
      .tuple(
        fc.constantFrom(
          '42',
          '43',
          '421',
          '4312',
          '42/feed,',
          '451-',
          '4599999-7',
          '461-',
          '40',
          '41',
          '44',
          '47',
          '4',
          '',
          '0',
          '2',
          '9',
        ),
        value,
      )
      .map(([prefix, json]) => prefix + json),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom('42', '43999999999999999999999', '45-', '42/'), fc.string({ unit: 'binary', maxLength: 200 }))
      .map(([prefix, rest]) => prefix + rest),
  },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 300 }) },
)
const frame = fc.oneof({ weight: 12, arbitrary: text }, { weight: 1, arbitrary: fc.uint8Array({ maxLength: 500 }) })

/** Sizes and depths that a generator does not come to. */
const EXTREMES = [
  `42["deep",${'['.repeat(200_000)}${']'.repeat(200_000)}]`,
  `42["gameStateUpdate",${'{"leaderboard":'.repeat(50_000)}1${'}'.repeat(50_000)}]`,
  `42["huge","${'x'.repeat(5_000_000)}"]`,
  `42["wide",{${Array.from({ length: 100_000 }, (_, n) => `"k${n}":${n}`).join(',')}}]`,
  `42["gameStateUpdate",{"gameId":"${GAME}","active":true,"tickCount":5000,"price":1,"prices":[${Array.from({ length: 50_000 }, () => '1.5').join(',')}]}]`,
  `42["${'n'.repeat(1_000_000)}",1]`,
]

it(`${FRAMES.toLocaleString('en')} hostile frames: nothing throws, nothing is lost, memory is bounded`, async () => {
  const dir = mkdtempSync(join(tmpdir(), 'vectra-hostile-'))
  try {
    const texts: (string | Uint8Array)[] = fc.sample(frame, { numRuns: FRAMES - EXTREMES.length, seed: 20_261_122 })
    for (const [index, extreme] of EXTREMES.entries()) texts.splice(1_000 * (index + 1), 0, extreme)
    expect(texts).toHaveLength(FRAMES)
    const source: Source = {
      name: 'public_ws',
      origin: null,
      async *items() {
        for (const [index, one] of texts.entries()) {
          const of: RawFrame = {
            text: one,
            direction: index % 50 === 0 ? 'sent' : 'received',
            at: 1_765_577_802_000_000 + index,
            connection: `c${index % 3}`,
          }
          yield { kind: 'frame', frame: of }
        }
      },
    }
    const before = heapAfterGc()
    {
      await using store = await openEventStore({ dir })
      const summary = await createPipeline({ source, sink: store, clock: systemClock(), random: systemRandom(), seedPath }).run()
      expect(summary).toMatchObject({
        framesIn: FRAMES,
        stored: FRAMES,
        duplicates: 0,
        quarantined: 0,
        unstored: 0,
        closes: true,
      })
      expect(summary.issues).toBeGreaterThan(FRAMES / 10)
    }
    expect(heapAfterGc() - before).toBeLessThan(40_000_000)
    const report = await verifyStore({ dir })
    expect(report.findings).toEqual([])
    await using query = await openQuery({ dir, memoryLimit: '1GB' })
    let index = 0
    for await (const row of query.stream('SELECT packet || raw_json AS text FROM ws_event ORDER BY seq')) {
      const sent = texts[index] ?? ''
      const kept = typeof sent === 'string' ? sent.toWellFormed() : `b${Buffer.from(sent).toString('base64')}`
      if (row['text'] !== kept) expect(row['text']).toBe(kept)
      index += 1
    }
    expect(index).toBe(FRAMES)
    expect(Object.getPrototypeOf({})).toBe(Object.prototype)
    expect(({} as { gameId?: unknown }).gameId).toBeUndefined()
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}, 120_000)

/** Bytes in use when nothing is left that could be freed. */
function heapAfterGc(): number {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
  return process.memoryUsage().heapUsed
}
