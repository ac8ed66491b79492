import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** Folder of real captures, outside the repository; undefined when there is none. */
export const capturesDir: string | undefined = findCaptures()

function findCaptures(): string | undefined {
  const dir = process.env.VECTRA_CAPTURES ?? fileURLToPath(new URL('../../../../shared/captures', import.meta.url))
  if (existsSync(`${dir}/public-2025-12-12.jsonl`)) return dir
  if (process.env.CI === 'true') throw new Error(`no captures in ${dir}: set VECTRA_CAPTURES (they must not be missing in CI)`)
  console.error(`SKIPPED: real captures are not in ${dir}; set VECTRA_CAPTURES to test against them`)
  return undefined
}

/** Text of one capture. */
export function capture(file: string): string {
  return readFileSync(`${capturesDir}/${file}`, 'utf8')
}

/** Lines of one capture, without the empty one at the end. */
export function captureLines(file: string): string[] {
  return capture(file)
    .split('\n')
    .filter((line) => line !== '')
}

/** Names of the recorded games. */
export function recordedGames(): string[] {
  return readdirSync(`${capturesDir}/recorded-games`).filter((name) => name.endsWith('.jsonl'))
}
