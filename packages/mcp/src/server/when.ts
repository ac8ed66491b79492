import type { Micros } from '@vectra/schemas'
import { McpError } from '../errors.ts'

const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/**
 * A time as an agent writes it: a UTC day, an ISO time, or an age such as `90m`, `24h` or `7d`.
 *
 * @throws McpError MCP_ARGUMENT for anything else
 */
export function parseWhen(text: string, nowMs: number): Micros {
  const age = /^(\d{1,6})\s*([smhd])$/.exec(text.trim())
  const unit = UNITS[age?.[2] ?? '']
  if (age?.[1] !== undefined && unit !== undefined) return (nowMs - Number(age[1]) * unit) * 1_000
  const iso = /^(\d{4}-\d{2}-\d{2})(?:T(\d{2}:\d{2}(?::\d{2})?)(?:\.(\d{1,9}))?(Z|[+-]\d{2}:\d{2})?)?$/.exec(text.trim())
  const ms = iso === null ? Number.NaN : Date.parse(`${iso[1]}T${iso[2] ?? '00:00'}${iso[4] ?? 'Z'}`)
  if (Number.isNaN(ms))
    throw new McpError(
      'MCP_ARGUMENT',
      `"${text.slice(0, 40)}" is no time; write 2025-12-12, 2025-12-12T22:17:00Z, or an age such as 24h`,
    )
  return ms * 1_000 + Number((iso?.[3] ?? '').padEnd(6, '0').slice(0, 6))
}

/** Microseconds as ISO text with all six digits. */
export function isoMicros(ts: Micros): string {
  const ms = Math.floor(ts / 1_000)
  return `${new Date(ms).toISOString().slice(0, -1)}${String(ts - ms * 1_000).padStart(3, '0')}Z`
}
