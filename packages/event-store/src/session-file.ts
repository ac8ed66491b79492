import { createHash } from 'node:crypto'
import path from 'node:path'
import type { Micros } from '@vectra/schemas'
import type { SessionRecord } from './catalog-records.ts'
import { type DurableDirectories, durableWrite } from './durable.ts'
import type { FsPort } from './fs-port.ts'
import { isSessionId, type StorePaths } from './paths.ts'

/** What no part can say of a session: when it was opened and ended, and how. A lost catalog gets it back from here. */
export interface SessionFile extends SessionRecord {
  readonly openedAt: Micros | null
  /** Null while it runs, or after a crash. */
  readonly endedAt: Micros | null
  readonly summary: unknown
}

const FORMAT = 1

type Row = Readonly<Record<string, unknown>>

const json = (value: unknown): unknown => (typeof value === 'string' ? (JSON.parse(value) as unknown) : null)
const time = (value: unknown): Micros | null => (value === null || value === undefined ? null : Number(value))

/** A row of the catalog's `sessions`, as far as every part of the session repeats it. */
export function sessionRecordOf(row: Row): SessionRecord {
  return {
    sessionId: String(row['session_id']),
    source: row['source'] as SessionRecord['source'],
    origin: row['origin'] === null ? null : String(row['origin']),
    meta: json(row['meta']),
  }
}

/** A whole row of the catalog's `sessions`. */
export function sessionFileOf(row: Row): SessionFile {
  return {
    ...sessionRecordOf(row),
    openedAt: time(row['opened_at']),
    endedAt: time(row['ended_at']),
    summary: json(row['summary']),
  }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

/** The file's one spelling: its JSON, and the checksum of that in a second line. */
function textOf({ sessionId, source, origin, meta, openedAt, endedAt, summary }: SessionFile): string {
  const body = JSON.stringify({
    format: FORMAT,
    sessionId,
    source,
    origin,
    meta: meta ?? null,
    openedAt,
    endedAt,
    summary: summary ?? null,
  })
  return `${body}\n${sha256(body)}\n`
}

function fileOf(paths: StorePaths, sessionId: string): string {
  return path.join(paths.sessions, `${sessionId}.json`)
}

/** Sessions that have a file, in order. */
export function sessionsOnDisk(fs: FsPort, paths: StorePaths): string[] {
  if (fs.stat(paths.sessions) === undefined) return []
  return fs
    .readdir(paths.sessions)
    .flatMap(({ name }) => (name.endsWith('.json') && isSessionId(name.slice(0, -5)) ? [name.slice(0, -5)] : []))
    .sort()
}

/** Reads and checks a session's file; `undefined` when there is none. @throws Error when it is damaged */
export function readSessionFile(fs: FsPort, paths: StorePaths, sessionId: string): SessionFile | undefined {
  const file = fileOf(paths, sessionId)
  if (fs.stat(file) === undefined) return undefined
  const text = Buffer.from(fs.read(file)).toString('utf8')
  const [body = '', check] = text.split('\n')
  const value = check === sha256(body) ? (JSON.parse(body) as SessionFile & { format: number }) : undefined
  if (value === undefined || value.format !== FORMAT || value.sessionId !== sessionId || textOf(value) !== text)
    throw new Error('it does not match its checksum')
  const { format: _, ...session } = value
  return session
}

/** True when the file says the same. */
export function isSameSession(a: SessionFile, b: SessionFile): boolean {
  return textOf(a) === textOf(b)
}

/** Whether the session has a file that says the same; false for a damaged one. */
export function isKept(fs: FsPort, paths: StorePaths, session: SessionFile): boolean {
  try {
    const there = readSessionFile(fs, paths, session.sessionId)
    return there !== undefined && isSameSession(there, session)
  } catch {
    return false
  }
}

/** Makes the file say what the catalog does, durably; does nothing when it does already. A damaged one is replaced. */
export function writeSessionFile(fs: FsPort, paths: StorePaths, directories: DurableDirectories, session: SessionFile): void {
  if (isKept(fs, paths, session)) return
  directories.ensure(paths.sessions)
  durableWrite(fs, fileOf(paths, session.sessionId), Buffer.from(textOf(session)))
}
