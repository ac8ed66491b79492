import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const folder = process.env.VECTRA_CAPTURES ?? fileURLToPath(new URL('../../../../shared/captures', import.meta.url))

/** False where the real captures are not at hand; never in CI. */
export const capturesPresent = existsSync(join(folder, 'key-samples.json'))
if (!capturesPresent) {
  const reason = `no captures in ${folder}: set VECTRA_CAPTURES; comparisons with the real feed are SKIPPED`
  if (process.env.CI === 'true') throw new Error(reason)
  process.stderr.write(`\n!! ${reason}\n\n`)
}

/** An event as the captures and the simulator have it: name and payload, traces taken off. */
export interface Seen {
  readonly name: string
  readonly payload: Record<string, unknown>
}

/** All events of the public captures of December 2025. */
export function december(): Seen[] {
  const lines = (name: string): { event?: string; event_type?: string; data: unknown }[] =>
    readFileSync(join(folder, name), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
  return [...lines('raw-frames.jsonl'), ...lines('public-2025-12-12.jsonl')].flatMap((line) => {
    const payload = Array.isArray(line.data) ? line.data[1] : line.data
    const name = line.event ?? line.event_type ?? ''
    return typeof payload === 'object' && payload !== null ? [{ name, payload }] : []
  })
}

/** The hand-picked frames of February 2026. */
export function february(): Seen[] {
  const samples = JSON.parse(readFileSync(join(folder, 'key-samples.json'), 'utf8')) as Record<
    string,
    { event_type: string; data: Record<string, unknown> }
  >
  return Object.values(samples).map(({ event_type, data }) => ({ name: event_type, payload: data }))
}
