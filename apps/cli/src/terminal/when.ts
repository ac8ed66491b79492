import { parseDuration } from './units.ts'

/**
 * A point in time as people write it, in UTC microseconds: `2025-12-12`, `2025-12-12T22:17`, `…Z`, `…+01:00`, or an age such as
 * `10m` (ten minutes before `nowMs`). Without an offset it is UTC, like every time that vectra prints.
 *
 * @returns `undefined` when the text is neither
 */
export function parseWhen(text: string, nowMs: number): number | undefined {
  const age = parseDuration(text)
  if (age !== undefined) return (nowMs - age) * 1_000
  const match = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?))?(Z|[+-]\d{2}:?\d{2})?$/.exec(text.trim())
  if (match === null) return undefined
  const [, date = '', time = '00:00', offset = 'Z'] = match
  const [whole = '', fraction = ''] = time.split('.')
  const ms = Date.parse(`${date}T${whole}${offset.length === 5 ? `${offset.slice(0, 3)}:${offset.slice(3)}` : offset}`)
  return Number.isNaN(ms) ? undefined : ms * 1_000 + Number(fraction.padEnd(6, '0'))
}

/** `2025-12-12 22:17:00.118` UTC, from microseconds. */
export function formatWhen(micros: number, digits: 'seconds' | 'millis' = 'millis'): string {
  return new Date(Math.floor(micros / 1_000))
    .toISOString()
    .replace('T', ' ')
    .slice(0, digits === 'seconds' ? 19 : 23)
}

/** ISO 8601 with microseconds: what JSON output carries. */
export function isoMicros(micros: number): string {
  const fraction = ((micros % 1_000_000) + 1_000_000) % 1_000_000
  return `${new Date(Math.floor(micros / 1_000)).toISOString().slice(0, 19)}.${String(fraction).padStart(6, '0')}Z`
}

/** `12s ago`, `4h ago`: how long something is past. */
export function formatAge(micros: number, nowMs: number): string {
  const seconds = Math.max(0, Math.round(nowMs / 1_000 - micros / 1_000_000))
  if (seconds < 90) return `${seconds}s ago`
  if (seconds < 5_400) return `${Math.round(seconds / 60)}m ago`
  if (seconds < 129_600) return `${Math.round(seconds / 3_600)}h ago`
  return `${Math.round(seconds / 86_400)}d ago`
}
