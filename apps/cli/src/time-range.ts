import { CliError } from './errors.ts'
import { EXIT } from './exit-codes.ts'
import { parseWhen } from './terminal/when.ts'

/**
 * `--since` and `--until` as receive times in microseconds, `until` exclusive.
 *
 * @throws CliError `CLI_USAGE`
 */
export function timeRange(options: { since?: string; until?: string }): { since: number | undefined; until: number | undefined } {
  const now = Date.now()
  const read = (flag: string, text: string | undefined): number | undefined => {
    if (text === undefined) return undefined
    const at = parseWhen(text, now)
    if (at !== undefined) return at
    throw new CliError(
      'CLI_USAGE',
      `${flag} ${text}: expected a time such as 2025-12-12, 2025-12-12T22:17Z, or an age such as 10m`,
      { exitCode: EXIT.usage },
    )
  }
  return { since: read('--since', options.since), until: read('--until', options.until) }
}
