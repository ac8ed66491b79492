import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import { CliError } from './errors.ts'
import { EXIT } from './exit-codes.ts'

/**
 * A directory that an option names and that must be there: a mistyped path is no new, empty one.
 *
 * @throws CliError `CLI_USAGE`
 */
export function existingDir(cwd: string, named: string, option: string): string {
  const dir = resolve(cwd, named)
  if (statSync(dir, { throwIfNoEntry: false })?.isDirectory() === true) return dir
  throw new CliError('CLI_USAGE', `${option} names no directory`, {
    exitCode: EXIT.usage,
    where: dir,
    hint: `name one that is there, or leave ${option} out for the one you stand in`,
  })
}
