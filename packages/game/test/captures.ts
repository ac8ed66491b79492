import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const folder = process.env.VECTRA_CAPTURES ?? fileURLToPath(new URL('../../../../shared/captures', import.meta.url))

/** False where the real captures are not at hand; never in CI. */
export const capturesPresent = existsSync(join(folder, 'key-samples.json'))
if (!capturesPresent) {
  const reason = `no captures in ${folder}: set VECTRA_CAPTURES; tests on real games are SKIPPED`
  if (process.env.CI === 'true') throw new Error(reason)
  process.stderr.write(`\n!! ${reason}\n\n`)
}

/** A number with the text it was written as. */
export interface Literal {
  readonly text: string
}

/** `JSON.parse` that keeps every number's literal. */
export function parseLiterals(text: string): unknown {
  return JSON.parse(text, (_key, value: unknown, context?: { source?: string }) =>
    typeof value === 'number' ? { text: context?.source ?? String(value) } : value,
  )
}

/** Every `gameStateUpdate` payload of the three frame captures, in file order. */
export function statePayloads(parse: (text: string) => unknown = JSON.parse): unknown[] {
  const lines = (name: string): unknown[] => readFileSync(join(folder, name), 'utf8').trim().split('\n').map(parse)
  const raw = lines('raw-frames.jsonl') as { event_type: string; data: unknown }[]
  const dec = lines('public-2025-12-12.jsonl') as { event: string; data: unknown }[]
  const feb = Object.values(parse(readFileSync(join(folder, 'key-samples.json'), 'utf8')) as object) as {
    event_type: string
    data: unknown
  }[]
  return [
    ...raw.filter((line) => line.event_type === 'gameStateUpdate').map((line) => line.data),
    ...dec.filter((line) => line.event === 'gameStateUpdate').map((line) => line.data),
    ...feb.filter((line) => line.event_type === 'gameStateUpdate').map((line) => line.data),
  ]
}

/** Every captured `standard/newTrade` payload. */
export function trades(): Record<string, unknown>[] {
  const lines = (name: string): { event?: string; event_type?: string; data: [unknown, Record<string, unknown>] }[] =>
    readFileSync(join(folder, name), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
  const traced = [...lines('raw-frames.jsonl'), ...lines('public-2025-12-12.jsonl')]
    .filter((line) => (line.event ?? line.event_type) === 'standard/newTrade')
    .map((line) => line.data[1])
  const feb = Object.values(JSON.parse(readFileSync(join(folder, 'key-samples.json'), 'utf8')) as object) as {
    event_type: string
    data: Record<string, unknown>
  }[]
  return [...traced, ...feb.filter((sample) => sample.event_type === 'standard/newTrade').map((sample) => sample.data)]
}

/** Ticks of the recorded games: file name and parsed tick lines; broken lines left out. */
export function recordedGames(): {
  name: string
  ticks: { game_id: string; tick: number; price: number; phase: string; rugged: boolean; active: boolean }[]
}[] {
  const dir = join(folder, 'recorded-games')
  return readdirSync(dir).map((name) => ({
    name,
    ticks: readFileSync(join(dir, name), 'utf8')
      .split('\n')
      .flatMap((line) => {
        try {
          const parsed = JSON.parse(line)
          return parsed.type === 'tick' ? [parsed] : []
        } catch {
          return []
        }
      }),
  }))
}
