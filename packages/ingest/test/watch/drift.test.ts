import { describe, expect, it } from 'vitest'
import { importFile } from '../../src/index.ts'
import { Drift } from '../../src/watch/drift.ts'
import type { Noted } from '../../src/watch/watcher.ts'
import { Tape } from '../live/envelopes.ts'
import { captures, captureText } from '../support/captures.ts'
import { record } from '../support/record.ts'

/** Changes that events of one name, with these payload texts, show. */
function changes(name: string, texts: Iterable<string>, drift = new Drift()): string[] {
  const tape = new Tape()
  return [...texts].flatMap((text) => drift.onEvent(tape.received(name, text)).map(told))
}

function told(noted: Noted): string {
  if (noted.kind !== 'system') throw new Error('a tick')
  const { path, change, before, after } = noted.payload as Record<string, string | null>
  return `${change} ${path}${before === null ? '' : ` was ${before}`}${after === null ? '' : ` is ${after}`}`
}

const trade = (more = '', price = '1.5'): string =>
  `{"id":"1","gameId":"g","playerId":"p","username":null,"level":1,"price":${price},"type":"buy","qty":1,"tickIndex":1,"coin":"solana","amount":0.1${more}}`
const times = (count: number, text: string): string[] => Array.from({ length: count }, () => text)

describe('a field', () => {
  it('that the schema does not know is told once, at once, wherever it is', () => {
    expect(
      changes('standard/newTrade', [trade(), trade(',"fee":0.1'), trade(',"fee":0.2'), trade(',"meta":{"a":[{"b":1}]}')]),
    ).toEqual(['appeared fee is number', 'appeared meta is object'])
    const deep = (more: string): string => `{"gameId":"g","leaderboard":[{"id":"p","username":null,"level":1,"pnl":1${more}}]}`
    expect(changes('gameStateUpdate', [deep(''), deep(',"clan":"x"')])).toEqual(['appeared leaderboard[].clan is string'])
  })

  it('at the top is told in any event, deeper ones in every sixteenth', () => {
    expect(changes('standard/newTrade', [...times(1_001, trade()), trade(',"fee":1'), ...times(50, trade())])).toEqual([
      'appeared fee is number',
    ])
    const deep = (more: string): string => `{"gameId":"g","leaderboard":[{"id":"p","username":null,"level":1,"pnl":1${more}}]}`
    expect(changes('gameStateUpdate', [...times(1_001, deep('')), ...times(16, deep(',"clan":"x"'))])).toEqual([
      'appeared leaderboard[].clan is string',
    ])
  })

  it('of another kind than the schema says is told once', () => {
    expect(changes('standard/newTrade', [trade(), trade('', 'true'), trade('', 'false')])).toEqual([
      'type_changed price was null|number is boolean',
    ])
  })

  it('beyond the schema that gets another kind is told when it was settled', () => {
    expect(
      changes('standard/newTrade', [...times(30, trade(',"fee":1')), trade(',"fee":null'), ...times(40, trade(',"fee":"1"'))]),
    ).toEqual(['appeared fee is number', 'type_changed fee was null|number is string'])
  })

  it('that stays away for far longer than ever is told, and when it is back', () => {
    const without = trade().replace('"level":1,', '')
    const seen = changes('standard/newTrade', [...times(100, trade()), ...times(1_600, without), ...times(20, trade())])
    expect(seen).toEqual(['disappeared level was null|number', 'appeared level is number'])
  })

  it('that comes now and then is not missed', () => {
    const minimal = '{"gameId":"g","cooldownTimer":100}'
    const full = '{"gameId":"g","cooldownTimer":0,"gameHistory":[]}'
    const texts = Array.from({ length: 20_000 }, (_, n) => (n % 500 === 0 ? full : minimal))
    expect(changes('gameStateUpdate', texts)).toEqual([])
  })

  it('whose name is data is no field', () => {
    const texts = Array.from(
      { length: 300 },
      (_, n) => `{"gameId":"g","partialPrices":{"startTick":${n},"endTick":${n},"values":{"${n}":1.5}}}`,
    )
    expect(changes('gameStateUpdate', texts)).toEqual([])
    expect(
      changes('playerUpdate', [
        '{"id":"p","shitcoinBalances":{"0xPractice":1,"0xOther":2}}',
        '{"id":"p","crateKeys":{"ruby":1}}',
      ]),
    ).toEqual([])
  })
})

describe('an event without a schema', () => {
  it('is learned, then followed', () => {
    expect(changes('brandNew', [...times(30, '{"a":1,"b":{"c":[1]}}'), '{"a":1,"b":{"c":[1]},"d":2}'])).toEqual([
      'appeared d is number',
    ])
  })
})

describe('a hostile server', () => {
  it('gets a bounded number of rows, fields and names', () => {
    const drift = new Drift()
    const many = Array.from({ length: 5_000 }, (_, n) => trade(`,"f${n}":1`))
    const rows = changes('standard/newTrade', many, drift)
    expect(rows).toHaveLength(100)
    expect(rows.at(-1)).toBe('overflow ')
    for (let n = 0; n < 1_000; n++) changes(`event${n}`, times(2, '{"a":1}'), drift)
    const deep = '['.repeat(2_000) + ']'.repeat(2_000)
    expect(
      changes('standard/newTrade', [trade(`,"deep":${deep}`), trade(',"__proto__":{"x":1},"constructor":1')], drift),
    ).toEqual([])
  })

  it('names are told as they are, without breaking the path', () => {
    expect(changes('standard/newTrade', [trade(',"a.b[0]":1,"__proto__":2')])).toEqual([
      'appeared a_b_0_ is number',
      'appeared __proto__ is number',
    ])
  })
})

describe.skipIf(captures === null)('real captures', () => {
  it.each(['public-2025-12-12.jsonl', 'raw-frames.jsonl', 'key-samples.json'])(
    '%s has no drift: the schemas know its fields',
    async (file) => {
      const { sink } = await record(await importFile({ name: file, content: captureText(file) }))
      const drift = new Drift()
      const rows = sink.events.flatMap((event) => drift.onEvent(event).map((noted) => `${event.event_name}: ${told(noted)}`))
      expect(rows).toEqual([])
    },
  )
})
