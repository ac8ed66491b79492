import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { type EventEnvelope, type Micros, splitArguments } from '@vectra/schemas'
import { openEventStore } from '../../src/store.ts'

/** Where the captures lie. */
export const captures = process.env['VECTRA_CAPTURES'] ?? path.resolve(import.meta.dirname, '../../../../../shared/captures')
/** Whether they are there; CI must have them. */
export const present = existsSync(path.join(captures, 'public-2025-12-12.jsonl'))
if (!present) {
  process.stderr.write(`\n!!! SKIPPED: no captures at ${captures}; set VECTRA_CAPTURES to run the query layer on real data\n\n`)
  if (process.env['CI'] === 'true') throw new Error(`no captures at ${captures}, and CI must have them`)
}

/** Session of the public capture's frames. */
export const FRAMES = '019b1b2c-0000-7000-8000-0000000000f1'
/** Session of the recorded games' ticks. */
export const RECORDED = '019b1b2c-0000-7000-8000-0000000000f2'

const micros = (naive: string): Micros => Date.parse(`${naive.slice(0, 23)}Z`) * 1000 + Number(naive.slice(23, 26))

interface Line {
  readonly event: string
  readonly ts: string
  readonly data: unknown
}

const common = { _source: 'replay', direction: 'received', ack_id: null, trace_id: null, issues: null, acked: null } as const

/** The frames of the public capture, each rebuilt from the line's own text. */
export function frames(): EventEnvelope[] {
  let game: string | null = null
  return readFileSync(path.join(captures, 'public-2025-12-12.jsonl'), 'utf8')
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((text, index): EventEnvelope => {
      const line = JSON.parse(text) as Line
      const data = text.slice(text.indexOf('"data": ') + 8, -1)
      const raw_json = `["${line.event}",${Array.isArray(line.data) ? data.slice(1) : `${data}]`}`
      const { payload, payloadIndex } = splitArguments((JSON.parse(raw_json) as unknown[]).slice(1))
      const own = (payload as { gameId?: string } | null)?.gameId
      if (line.event === 'gameStateUpdate') game = own ?? game
      const identity = {
        _ts: micros(line.ts),
        _seq: index + 1,
        _session_id: FRAMES,
        _game_id: own ?? game,
        origin: null,
        doc_type: 'ws_event',
      } as const
      return {
        ...common,
        ...identity,
        event_name: line.event,
        packet: '42',
        raw_json,
        payload_index: payloadIndex === null ? null : payloadIndex + 1,
        payload,
      }
    })
}

/** One line of a recorded game. */
export interface RecordedLine {
  readonly type: string
  readonly timestamp: string
  readonly game_id: string
  readonly tick: number
  readonly price: number
  readonly active: boolean
  readonly rugged: boolean
}

/** Every tick line of the recorded games. */
export function recordedLines(): { text: string; line: RecordedLine }[] {
  const dir = path.join(captures, 'recorded-games')
  return readdirSync(dir).flatMap((file) =>
    readFileSync(path.join(dir, file), 'utf8')
      .split('\n')
      .flatMap((text) => {
        try {
          const line = JSON.parse(text) as RecordedLine
          return line.type === 'tick' ? [{ text, line }] : []
        } catch {
          return []
        }
      }),
  )
}

/** The ticks of the recorded games, which never were frames. */
export const recorded = (): EventEnvelope[] =>
  recordedLines().map(({ text, line }, index) => ({
    ...common,
    _ts: micros(line.timestamp),
    _seq: index + 1,
    _session_id: RECORDED,
    _game_id: line.game_id,
    origin: 'import:recorded_game',
    doc_type: 'game_tick',
    event_name: 'tick',
    packet: '',
    raw_json: text,
    payload_index: null,
    payload: line,
  }))

/** Stores both captures in a directory. */
export async function storeCaptures(dir: string): Promise<void> {
  const store = await openEventStore({ dir, flush: { maxEvents: 2_000 } })
  await store.openSession({ sessionId: FRAMES, source: 'replay' })
  await store.openSession({ sessionId: RECORDED, source: 'replay', origin: 'import:recorded_game' })
  for (const events of [frames(), recorded()])
    for (let at = 0; at < events.length; at += 1_000) await store.append(events.slice(at, at + 1_000))
  await store.flush()
  await store.endSession(FRAMES)
  await store.endSession(RECORDED)
  await store.close()
}
