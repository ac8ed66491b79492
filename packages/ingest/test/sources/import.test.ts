import { describe, expect, it } from 'vitest'
import { detectFormat, type ImportOptions, type ImportSource, importFile, type SourceItem } from '../../src/index.ts'
import { describeSource } from '../source-conformance.ts'
import { captures, captureText, recordedGames } from '../support/captures.ts'
import { collect } from '../support/list-source.ts'
import { record } from '../support/record.ts'

const never = new AbortController().signal
const open = (content: ImportOptions['content'], options: Partial<ImportOptions> = {}): Promise<ImportSource> =>
  importFile({ name: 'test.jsonl', content, ...options })
const items = async (content: ImportOptions['content'], options: Partial<ImportOptions> = {}): Promise<SourceItem[]> =>
  collect((await open(content, options)).items(never))
const texts = (all: SourceItem[]): unknown[] => all.flatMap((item) => (item.kind === 'frame' ? [item.frame.text] : []))

const log = (event: string, data: string, ts = '2025-12-12T17:16:58.624285', rest = ''): string =>
  `{"seq": 1, "ts": "${ts}", "event": "${event}", "data": ${data}${rest}}`
const lines = Array.from({ length: 30 }, (_, index) =>
  log('n', `{"price": 1.10, "n":${index}}`, `2025-12-12T17:16:58.${String(624_285 + index)}`),
).join('\n')

describeSource('import', async () => ({
  source: await open(lines),
  expected: Array.from({ length: 30 }, (_, index) => `42["n",{"price": 1.10, "n":${index}}]`),
}))

describe('secrets that another recorder kept', () => {
  it.each([
    [
      'raw frames',
      '{"timestamp": "2025-12-12T17:16:58.624285", "event_type": "authenticate", "data": {"token": "s3cret", "v": 1.0}}',
    ],
    ['an event log', log('authenticate', '{"token": "s3cret", "v": 1.0}', undefined, ', "direction": "sent"')],
  ])('%s: cut and marked, every other byte stays, and a second import still adds nothing', async (_name, line) => {
    const content = `${lines}\n${line}`
      .split('\n')
      .slice(line.includes('event_type') ? -1 : 0)
      .join('\n')
    const { sink, summary } = await record(await open(content))
    expect(summary).toMatchObject({ closes: true, issues: 0 })
    expect(JSON.stringify(sink.events)).not.toContain('s3cret')
    expect(sink.frames().at(-1)?.text).toBe('42["authenticate",{"token": "[redacted 6]", "v": 1.0}]')
    expect((await open(content)).repeatable.sessionId).toBe(summary.sessionId)
  })

  it('a broken line is named without them', async () => {
    const [, broken] = await items(`${lines.split('\n')[0]}\n{"seq": 1, "event": "authenticate", "data": {"token": "s3cret"`)
    expect(broken).toMatchObject({ kind: 'broken' })
    expect(JSON.stringify(broken)).not.toContain('s3cret')
  })
})

describe('formats', () => {
  it('are found by content, not by name', () => {
    expect(detectFormat('{"timestamp": "2025-12-06T19:57:10.4", "event_type": "x", "data": {}}')).toBe('raw_frames')
    expect(detectFormat(log('x', '{}'))).toBe('event_log')
    expect(detectFormat('{"type": "tick", "timestamp": "2025-10-31T15:11:52", "game_id": "g"}')).toBe('recorded_game')
    expect(detectFormat('{\n "a": {"_meta": {"index": 0}, "event_type": "x", "timestamp_ms": 1, "data": {}}}')).toBe(
      'key_samples',
    )
    for (const other of ['', '[]', 'hello', '{}', '{"a":1}', '{"event_type": "x"}']) expect(detectFormat(other)).toBeNull()
  })

  it('are found behind broken lines', async () => {
    expect((await open(`\n}\n{"half\n${log('x', '1')}`)).format).toBe('event_log')
  })

  it('P3: rebuild the frame from the text of the line: numbers and blanks untouched', async () => {
    const data = '{"a": 1.10,  "b":7.6432e-05 ,"c":[ 1 , 2.0 ], "big":123456789012345678901234567890, "s":"\\u00e9\\/"}'
    expect(texts(await items(log('x', data)))).toEqual([`42["x",${data}]`])
    expect(texts(await items(`{"data":${data},"event_type" : "a\\"b", "timestamp":"2025-12-06T19:57:10"}`))).toEqual([
      `42["a\\"b",${data}]`,
    ])
  })

  it('give traced events both arguments, and arrays that are payloads one', async () => {
    const trace = '{"__trace": true, "traceparent": "00-0123456789abcdef0123456789abcdef-0123456789abcdef-01"}'
    const all = [
      log('t', `[ ${trace}, {"p": 1.0} ]`),
      log('a', '[1, 2]'),
      log('e', '[]'),
      log('n', 'null'),
      log('only', trace),
      '{"ts": "2025-12-12T17:16:58", "event": "none"}',
    ]
    expect(texts(await items(all.join('\n')))).toEqual([
      `42["t",${trace}, {"p": 1.0}]`,
      '42["a",[1, 2]]',
      '42["e",[]]',
      '42["n",null]',
      `42["only",${trace}]`,
      '42["none"]',
    ])
  })

  it('event log: the recorder own lines are system events with the line as it stands', async () => {
    const connect = log('connect', 'null')
    const { sink, summary } = await record(
      await open(
        [
          connect,
          log('x', '1'),
          log('disconnect', '"transport close"'),
          log('connect', 'null', '2025-12-12T17:17:58'),
          log('x', '2', '2025-12-12T17:17:59'),
        ].join('\n'),
      ),
    )
    expect(sink.events.map(({ event_name, doc_type }) => `${doc_type} ${event_name}`)).toEqual([
      'system_event session_start',
      'system_event connect',
      'ws_event x',
      'system_event disconnect',
      'system_event connect',
      'system_event gap',
      'ws_event x',
      'system_event session_end',
    ])
    expect(sink.events[1]).toMatchObject({ raw_json: connect, packet: '', origin: 'import:event_log' })
    expect(sink.system('gap')[0]?.payload).toMatchObject({ cause: 'disconnect', to: Date.UTC(2025, 11, 12, 22, 17, 59) * 1000 })
    expect(summary).toMatchObject({ framesIn: 5, stored: 5, gaps: 1, closes: true })
  })

  it('event log, sibling form: direction, offset, and a payload that was lost is no issue', async () => {
    const trace = '{"__trace": true, "traceparent": "00-0123456789abcdef0123456789abcdef-0123456789abcdef-01"}'
    const rest = (direction: string): string => `, "source": "cdp_intercept", "direction": "${direction}"`
    const { sink, summary } = await record(
      await open(
        [
          log('standard/newTrade', trace, '2025-12-15T05:39:00.5+00:00', rest('received')),
          log('authenticate', trace, '2025-12-15T05:39:01Z', rest('sent')),
        ].join('\n'),
      ),
    )
    expect(sink.events.slice(1, 3)).toMatchObject([
      {
        event_name: 'standard/newTrade',
        direction: 'received',
        payload: null,
        payload_index: null,
        issues: null,
        trace_id: '0123456789abcdef0123456789abcdef',
        _ts: 1_765_777_140_500_000,
      },
      { event_name: 'authenticate', direction: 'sent', issues: null },
    ])
    expect(summary.issues).toBe(0)
  })

  it('key samples: in order of _meta.index, with indented text kept', async () => {
    const sample = (index: number, ms: number, data: string): string =>
      `{"_meta": {"index": ${index}}, "event_type": "x", "timestamp_ms": ${ms}, "data": ${data}}`
    const all = await items(
      `{\n  "02": ${sample(1, 1_770_365_059_440, '{\n    "b": 2.0\n  }')},\n  "01": ${sample(0, 1_770_365_059_440, '{"a": 1}')},\n  "bad": {"_meta": {"index": 2}, "event_type": "x", "data": 1},\n "worse": 7,\n "early": ${sample(3, -1, '0')}}`,
    )
    expect(texts(all)).toEqual(['42["x",{"a": 1}]', '42["x",{\n    "b": 2.0\n  }]'])
    expect(
      all.flatMap((item) => (item.kind === 'broken' ? [[item.broken.line, item.broken.excerpt, item.broken.reason]] : [])),
    ).toEqual([
      [6, 'bad', 'timestamp_ms is missing or no time'],
      [7, 'worse', 'sample is no object'],
      [8, 'early', 'timestamp_ms is missing or no time'],
    ])
  })

  it('recorded games: ticks are game_tick rows, the ends system events, each line as it stands', async () => {
    const game = [
      '{"type": "game_start", "timestamp": "2025-10-31T15:11:52.673382", "game_id": "g"}',
      '{"type": "tick", "timestamp": "2025-10-31T15:11:52.7", "game_id": "g", "tick": 0, "price": 1.0}',
      '{"type": "game_end", "timestamp": "2025-10-31T15:12:22.8", "game_id": "g", "final_price": 0.01686843003747958}',
    ]
    const { sink } = await record(await open(game.join('\r\n')))
    expect(sink.events.map(({ doc_type, event_name, _game_id }) => [doc_type, event_name, _game_id])).toEqual([
      ['system_event', 'session_start', null],
      ['system_event', 'game_start', 'g'],
      ['game_tick', 'tick', 'g'],
      ['system_event', 'game_end', 'g'],
      ['system_event', 'session_end', null],
    ])
    expect(sink.events.slice(1, 4).map(({ raw_json }) => raw_json)).toEqual(game)
    expect(new Set(sink.events.map(({ origin, _source }) => `${origin} ${_source}`))).toEqual(
      new Set(['import:recorded_game replay']),
    )
  })
})

describe('lines that do not match their schema', () => {
  it('are stored all the same, with their issues', async () => {
    const line = '{"type": "tick", "timestamp": "2025-10-31T15:11:52.7", "game_id": "g", "tick": "zero", "price": 1.0}'
    const { sink, summary } = await record(await open(line))
    expect(sink.events.map(({ event_name }) => event_name)).toEqual(['session_start', 'tick', 'schema_issue', 'session_end'])
    expect(sink.events[1]).toMatchObject({ doc_type: 'game_tick', raw_json: line, issues: [{ path: 'tick' }] })
    expect(sink.events[2]?.payload).toMatchObject({ seq: 2, event: 'tick' })
    expect(summary).toMatchObject({ issues: 1, stored: 1, closes: true })
  })
})

describe('broken lines', () => {
  it('are named with file, line and reason, and the others are imported', async () => {
    const content = Buffer.concat([
      Buffer.from(`${log('x', '1')}\n{"ts": "2025\n\n}\n[1]\n${log('x', '2', 'soon')}\n{"other": 1}\n`),
      Buffer.from([0x22, 0xff, 0xfe, 0x22, 0x0a]),
      Buffer.from(`{"ts":"2025-12-12T17:16:59","event":5,"data":1}\n${log('x', '3')}`),
    ])
    const source = await open(content, { name: 'a.jsonl' })
    const { summary, sink } = await record(source)
    expect(source.broken.map(({ file, line, reason }) => `${file}:${line} ${reason.replace(/: .*/, '')}`)).toEqual([
      'a.jsonl:2 not JSON',
      'a.jsonl:4 not JSON',
      'a.jsonl:5 no event_log line',
      'a.jsonl:6 ts is missing or no time',
      'a.jsonl:7 no event_log line',
      'a.jsonl:8 not UTF-8',
      'a.jsonl:9 event is missing or no text',
    ])
    expect(summary).toMatchObject({ framesIn: 9, stored: 2, quarantined: 7, closes: true })
    expect(sink.system('error')).toHaveLength(7)
    expect(sink.frames().map(({ text }) => text)).toEqual(['42["x",1]', '42["x",3]'])
  })

  it.each([
    ['nothing', '', 'INGEST_CAPTURE_EMPTY'],
    ['another format', 'PAR1\u0000\u0001', 'INGEST_FORMAT_UNKNOWN'],
    ['JSON of another kind', '{"games": []}', 'INGEST_FORMAT_UNKNOWN'],
    ['no time at all', log('x', '1', 'never'), 'INGEST_CAPTURE_EMPTY'],
  ])('%s is an error with a code', async (_what, content, code) => {
    await expect(open(content)).rejects.toMatchObject({ name: 'IngestError', code })
  })

  it('does not read a huge document whole', async () => {
    await expect(open('{\n "a": 1}', { maxDocumentBytes: 5 })).rejects.toMatchObject({ code: 'INGEST_CAPTURE_TOO_LARGE' })
  })
})

describe('reading', () => {
  it('gives the same items however the bytes are cut', async () => {
    const text = `\ufeff${log('é😀', '{"s":"日本"}')}\r\n\n${log('x', '2')}`
    const bytes = new TextEncoder().encode(text)
    const whole = await items(text)
    expect(texts(whole)).toEqual(['42["é😀",{"s":"日本"}]', '42["x",2]'])
    for (const size of [1, 2, 3, 7, 64]) {
      let passes = 0
      const buffer = new Uint8Array(size)
      const cut = async function* (): AsyncGenerator<Uint8Array> {
        passes += 1
        for (let at = 0; at < bytes.length; at += size) {
          // One buffer for all pieces, as file readers do.
          buffer.set(bytes.subarray(at, at + size))
          yield buffer.subarray(0, Math.min(size, bytes.length - at))
        }
      }
      const source = await open(cut)
      expect(await collect(source.items(never))).toEqual(whole)
      expect(source.repeatable).toEqual((await open(bytes)).repeatable)
      expect(passes).toBeGreaterThan(1)
    }
  })

  it('names the session after the content and its first time', async () => {
    const id = async (content: string, options: Partial<ImportOptions> = {}): Promise<string> =>
      (await open(content, options)).repeatable.sessionId
    const first = await id(lines)
    expect(await id(lines, { name: 'renamed.jsonl' })).toBe(first)
    expect(await id(`${lines}\n`)).not.toBe(first)
    expect(await id(lines, { timeZone: 'UTC' })).not.toBe(first)
    expect(Number.parseInt(first.replaceAll('-', '').slice(0, 12), 16)).toBe(Date.UTC(2025, 11, 12, 22, 16, 58, 624))
    await expect(open(lines, { timeZone: 'Nowhere/Land' })).rejects.toThrow(RangeError)
  })

  it('stops soon after an abort', async () => {
    const stop = new AbortController()
    const seen: SourceItem[] = []
    for await (const item of (await open(lines)).items(stop.signal)) {
      seen.push(item)
      if (seen.length === 3) stop.abort()
    }
    expect(seen).toHaveLength(3)
  })
})

describe.skipIf(captures === null)('the real captures', () => {
  it.each([
    [
      'raw-frames.jsonl',
      'raw_frames',
      120,
      { gameStateUpdate: 103, 'standard/newTrade': 13, rugRoyaleUpdate: 2, battleEventUpdate: 1, newChatMessage: 1 },
    ],
    [
      'public-2025-12-12.jsonl',
      'event_log',
      554,
      { gameStateUpdate: 510, 'standard/newTrade': 31, newChatMessage: 11, battleEventUpdate: 1, connect: 1 },
    ],
    ['key-samples.json', 'key_samples', 11, { gameStateUpdate: 7, 'standard/newTrade': 4 }],
  ])(
    'P3, P9: every line of %s once, no issue, the data verbatim; a second import adds nothing',
    async (name, format, count, byEvent) => {
      const text = captureText(name)
      const source = await importFile({ name, content: text })
      const { sink, summary } = await record(source)
      expect(source.format).toBe(format)
      expect(summary).toMatchObject({ framesIn: count, stored: count, quarantined: 0, issues: 0, gaps: 0, closes: true })
      expect(Object.fromEntries(Object.entries(summary.byEvent).map(([event, line]) => [event, line.stored]))).toEqual(byEvent)
      for (const { text: frame } of sink.frames()) {
        // The frame is made of the file's own text: what follows the name stands in the file, character for character.
        const data = frame.slice(frame.indexOf(',') + 1, -1)
        expect(text.includes(data)).toBe(true)
        expect(() => JSON.parse(frame.slice(2))).not.toThrow()
      }
      const rows = sink.events.length
      expect((await record(await importFile({ name, content: text }), { sink })).summary).toMatchObject({
        stored: 0,
        duplicates: count,
        alreadyStored: true,
        closes: true,
      })
      expect(sink.events).toHaveLength(rows)
    },
  )

  it('all 60 recorded games: 20,657 ticks, 60 starts, 60 ends, and the 19 broken lines named', async () => {
    const counts: Record<string, number> = {}
    const broken: string[] = []
    const sessions = new Set<string>()
    for (const name of recordedGames()) {
      const source = await importFile({ name, content: captureText(name) })
      const { sink, summary } = await record(source)
      expect(summary).toMatchObject({ closes: true, issues: 0, gaps: 0 })
      sessions.add(summary.sessionId.slice(-8))
      for (const { event_name } of sink.events) counts[event_name] = (counts[event_name] ?? 0) + 1
      broken.push(...source.broken.map(({ file, line }) => `${file}:${line}`))
    }
    expect(counts).toEqual({ session_start: 60, session_end: 60, game_start: 60, game_end: 60, tick: 20_657, error: 19 })
    expect(broken).toHaveLength(19)
    expect(broken.filter((line) => line.startsWith('recorded-games/game_20251031_151152.jsonl:'))).toHaveLength(18)
    expect(broken).toContain('recorded-games/game_20251102_202224.jsonl:4')
    expect(sessions.size).toBe(60)
  })

  it('raw frames come at the time of the file, US Eastern', async () => {
    const source = await importFile({ name: 'raw-frames.jsonl', content: captureText('raw-frames.jsonl') })
    const times = (await collect(source.items(never))).flatMap((item) => (item.kind === 'frame' ? [item.frame.at] : []))
    expect(times[0]).toBe(Date.UTC(2025, 11, 7, 0, 57, 10) * 1000 + 420_892)
    expect(times.at(-1)).toBe(Date.UTC(2025, 11, 7, 0, 57, 35) * 1000 + 428_929)
    expect(times.toSorted((a, b) => a - b)).toEqual(times)
  })
})
