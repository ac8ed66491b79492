import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Real captures: `VECTRA_CAPTURES`, else `captures` in the `shared` folder beside the repository. */
export const CAPTURES = process.env.VECTRA_CAPTURES ?? fileURLToPath(new URL('../../../../shared/captures', import.meta.url))

/** Whether the captures are there. Without them the tests say so loudly, and in CI they fail. */
export const HAVE_CAPTURES = existsSync(join(CAPTURES, 'public-2025-12-12.jsonl'))
if (!HAVE_CAPTURES) {
  const message = `no captures in ${CAPTURES}: set VECTRA_CAPTURES`
  if (process.env.CI === 'true') throw new Error(message)
  process.stderr.write(`SKIPPED, ${message}\n`)
}

/** A capture's lines as `JSON.parse` takes them; null for a broken one. */
export function linesOf(name: string): (Record<string, unknown> | null)[] {
  return readFileSync(join(CAPTURES, name), 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      try {
        const value: unknown = JSON.parse(line)
        return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : null
      } catch {
        return null
      }
    })
}

/** File names of the recorded games. */
export function recordedGames(): string[] {
  return readdirSync(join(CAPTURES, 'recorded-games')).map((name) => `recorded-games/${name}`)
}
