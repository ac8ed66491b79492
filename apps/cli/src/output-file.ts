import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, isAbsolute, relative } from 'node:path'
import { CliError } from './errors.ts'
import { EXIT } from './exit-codes.ts'

/**
 * Writes what the user asked for (the answer of a query, a unit file) where they asked for it: whole or not at all, never into
 * the data directory. `directories` makes the folders above it, too; `mode` keeps the rights of a file that is replaced.
 *
 * @throws CliError `CLI_OUTPUT_EXISTS`, `CLI_OUTPUT_REFUSED`
 */
export function writeOutput(
  path: string,
  text: string,
  {
    overwrite,
    dataDir,
    directories = false,
    mode,
  }: { overwrite: boolean; dataDir: string; directories?: boolean; mode?: number | undefined },
): void {
  const inside = relative(dataDir, path)
  if (inside === '' || !(inside.startsWith('..') || isAbsolute(inside))) {
    throw refused(path, 'this is inside the data directory, which only the store writes', 'choose another place')
  }
  if (!overwrite && existsSync(path)) {
    throw new CliError('CLI_OUTPUT_EXISTS', 'the output file exists', {
      exitCode: EXIT.cannotWrite,
      where: path,
      hint: 'choose another name, or add --overwrite',
    })
  }
  const temporary = `${path}.${process.pid}.tmp`
  try {
    if (directories) mkdirSync(dirname(path), { recursive: true })
    writeFileSync(temporary, text, { flag: 'wx', ...(mode === undefined ? {} : { mode }) })
    renameSync(temporary, path)
  } catch (cause) {
    rmSync(temporary, { force: true })
    throw refused(
      path,
      `cannot write: ${cause instanceof Error ? cause.message : String(cause)}`,
      'check that the directory exists, is writable and has room',
      cause,
    )
  }
}

function refused(where: string, message: string, hint: string, cause?: unknown): CliError {
  return new CliError('CLI_OUTPUT_REFUSED', message, { exitCode: EXIT.cannotWrite, where, hint, cause })
}
