import { createReadStream } from 'node:fs'
import { open, readdir, stat } from 'node:fs/promises'
import { join, relative, resolve } from 'node:path'
import { CliError } from './errors.ts'
import { EXIT } from './exit-codes.ts'

/** A file to read, and how to call it in messages. */
export interface CaptureFile {
  readonly path: string
  /** As the user would type it: relative to where the command stands, when it is below. */
  readonly name: string
  readonly sizeBytes: number
}

/** What the paths of an import came to. */
export interface FoundFiles {
  readonly files: readonly CaptureFile[]
  /** Paths that could not be read at all, each with its reason. */
  readonly unreadable: readonly CliError[]
}

const CAPTURE_NAME = /\.(jsonl|ndjson|json)$/i

/**
 * Files named, and every `.jsonl`, `.ndjson` and `.json` file below the directories named, sorted by path, each once.
 *
 * A named file is taken whatever its name; a path that cannot be read does not keep the others from being found.
 */
export async function findCaptureFiles(paths: readonly string[], cwd: string): Promise<FoundFiles> {
  const files = new Map<string, CaptureFile>()
  const unreadable: CliError[] = []
  const add = (path: string, sizeBytes: number): void => {
    const below = relative(cwd, path)
    files.set(path, { path, name: below.startsWith('..') || below === '' ? path : below, sizeBytes })
  }
  for (const given of paths) {
    const path = resolve(cwd, given)
    try {
      const found = await stat(path)
      if (!found.isDirectory()) {
        add(path, found.size)
        continue
      }
      const entries = await readdir(path, { recursive: true, withFileTypes: true })
      const inside = entries
        .filter((entry) => entry.isFile() && CAPTURE_NAME.test(entry.name))
        .map((entry) => join(entry.parentPath, entry.name))
      if (inside.length === 0)
        throw new CliError('CLI_FILE_UNREADABLE', 'the directory holds no .jsonl, .ndjson or .json file', {
          exitCode: EXIT.failure,
          where: given,
        })
      for (const file of inside.sort()) add(file, (await stat(file)).size)
    } catch (error) {
      unreadable.push(error instanceof CliError ? error : unreadableFile(error, given))
    }
  }
  return { files: [...files.values()], unreadable }
}

/** Makes sure a file can be opened, so that a permission problem is told before anything else happens. */
export async function checkReadable({ path, name }: CaptureFile): Promise<void> {
  try {
    const handle = await open(path, 'r')
    await handle.close()
  } catch (error) {
    throw unreadableFile(error, name)
  }
}

/** The bytes of a file, anew at each call. */
export function readPieces(path: string): () => AsyncIterable<Uint8Array> {
  return () => createReadStream(path, { highWaterMark: 1 << 18 })
}

/** The error for a file that cannot be read, in words. */
export function unreadableFile(cause: unknown, where: string): CliError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
  const reasons: Readonly<Record<string, string>> = {
    ENOENT: 'there is no such file or directory',
    EACCES: 'this user may not read it',
    EPERM: 'this user may not read it',
    EISDIR: 'it is a directory',
    ENOTDIR: 'part of the path is no directory',
    ELOOP: 'its links lead in a circle',
  }
  const reason = reasons[code] ?? (cause instanceof Error ? cause.message : String(cause))
  return new CliError('CLI_FILE_UNREADABLE', `cannot read ${where}: ${reason}`, {
    exitCode: EXIT.failure,
    hint: code === 'EACCES' || code === 'EPERM' ? `check its permissions: ls -l ${where}` : 'check the path',
    cause,
  })
}
