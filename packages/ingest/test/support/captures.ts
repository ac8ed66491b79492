import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

const folder = process.env.VECTRA_CAPTURES ?? resolve(import.meta.dirname, '../../../../../shared/captures')

/** Folder of the real captures; null when it is not there. Then tests skip loudly, and fail in CI. */
export const captures: string | null = existsSync(folder) ? folder : null

if (captures === null) {
  const reason = `no captures at ${folder} (set VECTRA_CAPTURES): the tests that need real data are skipped`
  if (process.env.CI === 'true') throw new Error(reason)
  process.stderr.write(`SKIPPED: ${reason}\n`)
}

/** Text of a capture file. */
export function captureText(name: string): string {
  return readFileSync(join(captures ?? '', name), 'utf8')
}

/** Names of the recorded games, in order. */
export function recordedGames(): string[] {
  return captures === null
    ? []
    : readdirSync(join(captures, 'recorded-games'))
        .sort()
        .map((name) => `recorded-games/${name}`)
}
