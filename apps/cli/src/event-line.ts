import type { EventRow } from '@vectra/event-store'
import { cutTo, printable } from './terminal/text.ts'
import { formatWhen } from './terminal/when.ts'

const ARROWS: Readonly<Record<string, string>> = { received: '←', sent: '→', internal: '·' }

/** One stored event as one line for people: when, where in its session, what, and its most telling values. */
export function eventLine(row: EventRow, width = 160): string {
  const place = `${row.session_id.slice(-8)} #${row.seq}`
  const game = row.game_id === null ? '' : ` ${row.game_id.slice(-8)}`
  // A projection repeats an event that has a line of its own: its doc_type tells the two apart.
  const name = row.raw_json === null ? `${row.event_name} (${row.doc_type})` : row.event_name
  const issues = row.issues === null ? '' : '  (does not fit its schema)'
  return cutTo(
    `${formatWhen(row.ts)}  ${place}  ${ARROWS[row.direction] ?? ' '} ${name}${game}  ${printable(gistOf(row))}${issues}`,
    width,
  )
}

/** The frame as it was on the wire; for events that never were frames, their JSON. Null for projections. */
export function frameText(row: EventRow): string | null {
  return row.raw_json === null ? null : `${row.packet ?? ''}${row.raw_json}`
}

function gistOf(row: EventRow): string {
  const facts = [
    row.phase,
    row.tick === null ? null : `tick ${row.tick}`,
    row.action,
    row.username,
    row.amount === null ? null : `${row.amount.toFixed()} SOL`,
    row.price === null ? null : `${row.price.toFixed(4)}x`,
    row.cooldown_ms === null || row.cooldown_ms === 0 ? null : `${row.cooldown_ms / 1_000} s`,
    row.cash === null ? null : `cash ${row.cash.toFixed()}`,
    row.success === null ? null : row.success ? 'ok' : 'failed',
    row.latency_us === null ? null : `after ${Math.round(row.latency_us / 1_000)} ms`,
  ].filter((fact) => fact !== null && fact !== '')
  return facts.length > 0 ? facts.join('  ') : (row.raw_json ?? '').slice(0, 200)
}
