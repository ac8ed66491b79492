import { describe, expect, it } from 'vitest'
import {
  checkRecordedGameLine,
  checkSystemEvent,
  decodeEvent,
  type ExactJson,
  exactView,
  isSystemEventName,
  NumberLiteral,
  parseExact,
  phaseOf,
  stringifyExact,
} from '../src/index.ts'
import { capture, captureLines, capturesDir, recordedGames } from './captures.ts'
import { compact, withLiterals } from './exact-text.ts'

type ExactObject = ReadonlyMap<string, ExactJson>

interface Line {
  readonly name: string
  readonly data: unknown
  /** The same data with its literals. */
  readonly exact: ExactJson
  readonly text: string
}

function frames(file: string): Line[] {
  return captureLines(file).map((text) => {
    const line = JSON.parse(text) as { event?: string; event_type?: string; data: unknown }
    return {
      name: (line.event ?? line.event_type) as string,
      data: line.data,
      exact: (parseExact(text) as ExactObject).get('data') as ExactJson,
      text,
    }
  })
}

function keySamples(): Line[] {
  const text = capture('key-samples.json')
  const exact = parseExact(text) as ReadonlyMap<string, ExactObject>
  return Object.entries(JSON.parse(text) as Record<string, { event_type: string; data: unknown }>).map(([name, sample]) => {
    const data = exact.get(name)?.get('data') as ExactJson
    return { name: sample.event_type, data: sample.data, exact: data, text: stringifyExact(data) }
  })
}

/** Counts the values of `payload`, and fails unless they are those of `exact`: same keys in the same order, same digits. */
function countSame(payload: unknown, exact: ExactJson): number {
  if (exact instanceof NumberLiteral) {
    if (!Object.is(payload, Number(exact.text))) throw new Error(`${String(payload)} is not ${exact.text}`)
    return 1
  }
  if (Array.isArray(exact)) {
    if (!Array.isArray(payload) || payload.length !== exact.length) throw new Error('not the same list')
    return exact.reduce<number>((sum, item, index) => sum + countSame(payload[index], item as ExactJson), 1)
  }
  if (exact instanceof Map) {
    const members = Object.entries(payload as object)
    expect(members.map(([name]) => name)).toEqual([...exact.keys()])
    return members.reduce((sum, [name, value]) => sum + countSame(value, exact.get(name) as ExactJson), 1)
  }
  if (payload !== exact) throw new Error(`${String(payload)} is not ${String(exact)}`)
  return 1
}

describe.skipIf(capturesDir === undefined)('real captures', () => {
  const files: [string, () => Line[], number][] = [
    ['raw-frames.jsonl', () => frames('raw-frames.jsonl'), 120],
    ['public-2025-12-12.jsonl', () => frames('public-2025-12-12.jsonl'), 554],
    ['key-samples.json', keySamples, 11],
  ]

  it.each(files)('%s: nothing is rejected, and no byte of a payload is lost', (_file, load, count) => {
    const lines = load()
    expect(lines).toHaveLength(count)
    for (const { name, data, exact } of lines) {
      const args = Array.isArray(data) ? data : [data]
      if (isSystemEventName(name)) {
        expect(checkSystemEvent(name, data)).toBeNull()
        continue
      }
      const result = decodeEvent(name, args)
      expect(result.ok ? null : { name, issues: result.issues }).toBeNull()
      if (!result.ok) continue
      expect(result.event.known).toBe(true)
      const { payload, payloadIndex } = result.event
      expect(payloadIndex).toBe(Array.isArray(data) ? 1 : 0)
      expect(payload).not.toBeNull()
      const exactPayload = Array.isArray(exact) ? exact[1] : exact
      expect(countSame(payload, exactPayload)).toBeGreaterThan(1)
    }
  })

  it.each(['raw-frames.jsonl', 'public-2025-12-12.jsonl'])(
    '%s: every line prints again, byte for byte but for white space',
    (file) => {
      for (const line of captureLines(file)) expect(stringifyExact(parseExact(line)) === compact(line)).toBe(true)
    },
  )

  it('key-samples.json prints again with its own indentation', () => {
    const text = capture('key-samples.json')
    expect(stringifyExact(parseExact(text)) === compact(text)).toBe(true)
    expect(compact(stringifyExact(parseExact(text), 2)) === compact(text)).toBe(true)
  })

  it('every number of every frame under 20 kB has its literal in the exact view', () => {
    let numbers = 0
    for (const { data, exact } of [...frames('raw-frames.jsonl'), ...keySamples()]) {
      const text = stringifyExact(exact)
      if (text.length > 20_000) continue
      const payloadIndex = Array.isArray(data) ? 1 : null
      const payload = Array.isArray(data) ? (data[1] as unknown) : data
      const view = exactView(text, payloadIndex, payload)
      for (const [path, literal] of withLiterals(Array.isArray(exact) ? (exact[1] as ExactJson) : exact)) {
        numbers++
        if (view.literal(path) !== literal || !view.decimal(path)?.equals(literal))
          expect([path, view.literal(path)]).toBe(literal)
      }
    }
    expect(numbers).toBeGreaterThan(10_000)
  })

  it.each([
    ['raw-frames.jsonl', () => frames('raw-frames.jsonl'), { active: 103 }],
    ['public-2025-12-12.jsonl', () => frames('public-2025-12-12.jsonl'), { active: 241, presale: 166, cooldown: 99, rugged: 4 }],
    ['key-samples.json', keySamples, { cooldown: 2, presale: 1, active: 2, rugged: 2 }],
  ])('%s: phases of all state frames', (_file, load, expected) => {
    const counts: Record<string, number> = {}
    for (const { name, data } of load()) {
      if (name !== 'gameStateUpdate') continue
      const phase = String(phaseOf(data))
      counts[phase] = (counts[phase] ?? 0) + 1
    }
    expect(counts).toEqual(expected)
  })

  it('traces: every traced event of the public captures has its 32 hex digits', () => {
    const traced = [...frames('raw-frames.jsonl'), ...frames('public-2025-12-12.jsonl')].filter(({ data }) => Array.isArray(data))
    expect(traced).toHaveLength(13 + 1 + 1 + 31 + 11 + 1)
    for (const { name, data } of traced) {
      const result = decodeEvent(name, data as unknown[])
      expect(result.ok && result.event.traceId).toMatch(/^[0-9a-f]{32}$/)
    }
  })

  it('lines that kept only the trace of a traced event have payload null and no issue', () => {
    for (const { name, data } of frames('public-2025-12-12.jsonl')) {
      if (!Array.isArray(data)) continue
      const result = decodeEvent(name, [data[0]])
      expect(result).toMatchObject({ ok: true, event: { payload: null, payloadIndex: null } })
    }
  })

  it('recorded games: every line that is JSON fits, 19 are broken, phases match', () => {
    const counts: Record<string, number> = { broken: 0 }
    for (const file of recordedGames()) {
      for (const text of captureLines(`recorded-games/${file}`)) {
        let line: Record<string, unknown>
        try {
          line = JSON.parse(text) as Record<string, unknown>
        } catch {
          counts.broken = (counts.broken ?? 0) + 1
          expect(() => parseExact(text)).toThrow(expect.objectContaining({ code: 'JSON_INVALID' }))
          continue
        }
        expect(checkRecordedGameLine(line) ?? []).toEqual([])
        if (stringifyExact(parseExact(text)) !== compact(text)) expect(text).toBe('printed again')
        if (line.type === 'tick') {
          const flags = { ...line, allowPreRoundBuys: line.phase === 'PRESALE', cooldownTimer: line.cooldown_timer }
          const label = `${String(line.phase)} ${phaseOf(flags)}`
          counts[label] = (counts[label] ?? 0) + 1
        } else counts[String(line.type)] = (counts[String(line.type)] ?? 0) + 1
      }
    }
    expect(counts).toEqual({
      broken: 19,
      game_start: 60,
      game_end: 60,
      'UNKNOWN cooldown': 2_830,
      'PRESALE presale': 5_786,
      'GAME_ACTIVATION active': 57,
      'ACTIVE_GAMEPLAY active': 11_870,
      'ACTIVE_GAMEPLAY rugged': 57,
      'RUG_EVENT_1 rugged': 57,
    })
  })
})
