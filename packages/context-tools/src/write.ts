import { randomBytes } from 'node:crypto'
import {
  appendFileSync,
  chmodSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, isAbsolute, join, relative, sep } from 'node:path'
import { ContextToolsError } from './errors.ts'

/**
 * The only door to the disk. Everything else in the package computes texts; this file puts them down.
 *
 * It writes CONTEXT.md, hook and configuration files of the repository it is given, and its own cache inside
 * `.git`. Nothing here touches a data directory: that stays with the event store.
 */
export interface Writer {
  /** Replaces a file of the repository in one step; `mode` only when it is new or has to become executable. */
  write(path: string, text: string, mode?: number): void
  remove(path: string): void
}

/** A change to make: `null` removes the file. Paths are repository-relative, or absolute inside the git folder. */
export interface FileChange {
  readonly path: string
  readonly text: string | null
  readonly executable?: boolean
}

/** Writer below a root. A path that leaves the root, also through a symbolic link, is refused. @throws ContextToolsError CONTEXT_PATH_OUTSIDE, CONTEXT_WRITE_FAILED */
export function diskWriter(root: string): Writer {
  return {
    write(path, text, mode) {
      const file = inside(root, path)
      const temporary = `${file}.${randomBytes(4).toString('hex')}.tmp`
      attempt(path, () => {
        const before = existingMode(file)
        mkdirSync(dirname(file), { recursive: true })
        try {
          writeFileSync(temporary, text, { flag: 'wx', mode: mode ?? before ?? 0o644 })
          if (mode !== undefined || before !== undefined) chmodSync(temporary, (before ?? 0) | (mode ?? 0))
          renameSync(temporary, file)
        } catch (error) {
          rmSync(temporary, { force: true })
          throw error
        }
      })
    },
    remove: (path) => attempt(path, () => rmSync(inside(root, path), { force: true })),
  }
}

/** Makes changes in order. An absolute path (a hook in a git folder elsewhere) is written below its own folder. */
export function applyChanges(root: string, changes: readonly FileChange[]): void {
  for (const { path, text, executable } of changes) {
    if (isAbsolute(path)) mkdirSync(dirname(path), { recursive: true })
    const writer = diskWriter(isAbsolute(path) ? dirname(path) : root)
    const name = isAbsolute(path) ? basename(path) : path
    if (text === null) writer.remove(name)
    else writer.write(name, text, executable === true ? 0o755 : undefined)
  }
}

/** Notes a line in a small state file and tells whether it was new; without a writable state everything is new. */
export function rememberOnce(path: string, line: string): boolean {
  try {
    mkdirSync(dirname(path), { recursive: true })
    const known = readFileSync(path, { encoding: 'utf8', flag: 'a+' }).split('\n')
    if (known.includes(line)) return false
    appendFileSync(path, `${line}\n`)
  } catch {}
  return true
}

/** Adds lines to the facts cache; a cache that cannot be written is no failure. */
export function appendCache(path: string, text: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true })
    if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) > 128 * 1024 * 1024) rmSync(path)
    appendFileSync(path, text)
  } catch {}
}

function existingMode(file: string): number | undefined {
  return statSync(file, { throwIfNoEntry: false })?.mode
}

function inside(root: string, path: string): string {
  const base = realpathSync(root)
  const file = join(base, path)
  let folder = dirname(file)
  while (lstatSync(folder, { throwIfNoEntry: false }) === undefined) folder = dirname(folder)
  const leaves = (one: string) => relative(base, one).split(sep)[0] === '..'
  const link = lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink() === true
  if (leaves(file) || leaves(realpathSync(folder)) || link) {
    throw new ContextToolsError('CONTEXT_PATH_OUTSIDE', `${path} leads out of ${root}: nothing was written`, {
      context: { root, path },
    })
  }
  return file
}

function attempt(path: string, act: () => void): void {
  try {
    act()
  } catch (cause) {
    if (cause instanceof ContextToolsError) throw cause
    throw new ContextToolsError('CONTEXT_WRITE_FAILED', `${path} could not be written: check its permissions`, {
      cause,
      context: { path },
    })
  }
}
