import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import type { EventEnvelope } from '@vectra/schemas'

/** Frames per run; `--quick` proves that the benchmark runs. */
export const QUICK = process.argv.includes('--quick')

const SESSION = '0198a5b0-1c2d-7000-8000-0000'

/** Session id of one run. */
export function benchSession(run: number): string {
  return `${SESSION}${run.toString(16).padStart(8, '0')}`
}

interface Template {
  readonly name: string
  readonly raw: string
  readonly payload: unknown
  readonly payloadIndex: number
  readonly gameId: string | null
}

function template(name: string, args: readonly unknown[]): Template {
  const payload = args.at(-1) ?? null
  const gameId =
    typeof payload === 'object' && payload !== null && 'gameId' in payload && typeof payload.gameId === 'string'
      ? payload.gameId
      : null
  return { name, raw: JSON.stringify([name, ...args]), payload, payloadIndex: args.length, gameId }
}

/** Real frames when the captures are there, else frames of the same shape and size. */
function templates(): { source: string; frames: Template[] } {
  const folder = process.env['VECTRA_CAPTURES'] ?? path.join(import.meta.dirname, '../../../../shared/captures')
  const file = path.join(folder, 'public-2025-12-12.jsonl')
  if (existsSync(file)) {
    const frames = readFileSync(file, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { event: string; data: unknown })
      .filter((line) => line.data !== null)
      .map((line) => template(line.event, Array.isArray(line.data) ? line.data : [line.data]))
      // The frame sent on connecting is 300 kB; one in thousands, it would be one in hundreds here.
      .filter((frame) => frame.raw.length < 50_000)
    return { source: `captures (${path.basename(file)})`, frames }
  }
  const frames = Array.from({ length: 500 }, (_, tick) =>
    template('gameStateUpdate', [
      {
        gameId: '20251212-6114b2ff44ef4b71',
        active: true,
        rugged: false,
        price: 1 + Math.sin(tick) / 3,
        tickCount: tick,
        cooldownTimer: 0,
        allowPreRoundBuys: false,
        tradeCount: tick,
        leaderboard: Array.from({ length: 10 }, (_, rank) => ({
          id: `did:privy:cm${(tick * 7919 + rank).toString(36)}`,
          username: `player${rank}`,
          pnl: Math.cos(tick + rank),
          positionQty: tick / 7,
          avgCost: 1.01,
          position: rank + 1,
        })),
      },
    ]),
  )
  return { source: 'generated frames', frames }
}

const { source, frames } = templates()
export const FRAME_SOURCE = source

/** `count` events of a session, from seq 1. */
export function benchEvents(count: number, sessionId: string): EventEnvelope[] {
  const start = Date.UTC(2025, 11, 12, 22, 17) * 1000
  return Array.from({ length: count }, (_, index) => {
    const frame = frames[index % frames.length] as Template
    return {
      _ts: start + index * 1_000,
      _seq: index + 1,
      _source: 'replay',
      _session_id: sessionId,
      _game_id: frame.gameId,
      doc_type: 'ws_event',
      direction: 'received',
      event_name: frame.name,
      ack_id: null,
      trace_id: null,
      packet: '42',
      raw_json: frame.raw,
      payload_index: frame.payloadIndex,
      payload: frame.payload,
      issues: null,
      acked: null,
      origin: null,
    }
  })
}

/** The middle value. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}

/** The value below which a share of the values lies. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

/** Prints rows as a Markdown table. */
export function table(header: readonly string[], rows: readonly (readonly (string | number)[])[]): void {
  const line = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`
  console.log([line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n'))
  console.log()
}
