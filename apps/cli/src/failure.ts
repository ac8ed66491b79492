import { VectraError } from '@vectra/schemas'
import { CliError } from './errors.ts'
import { EXIT, type ExitCode } from './exit-codes.ts'
import type { Io } from './terminal/io.ts'
import { printable } from './terminal/text.ts'

/** An error as it is shown: what happened, where, what to do, and the code scripts can test. */
export interface Failure {
  readonly code: string
  readonly message: string
  readonly where: string | undefined
  readonly hint: string | undefined
  /** More lines, shown as they are: an SQL statement with its caret, a stack. */
  readonly detail: string | undefined
  readonly exitCode: ExitCode
}

/** Exit code and next step of each code raised below the command line. */
const KNOWN: Readonly<Record<string, { exit: ExitCode; hint?: string }>> = {
  STORE_DISK_FULL: {
    exit: EXIT.cannotWrite,
    hint: 'free space or choose another disk with --data-dir; everything acknowledged is safe, so run the same command again',
  },
  STORE_READ_ONLY: {
    exit: EXIT.cannotWrite,
    hint: 'make the directory writable for this user, or choose another one with --data-dir',
  },
  STORE_IO: {
    exit: EXIT.cannotWrite,
    hint: 'check the disk (dmesg); then `vectra store verify` shows whether anything stored was hurt',
  },
  STORE_ENCODE: {
    exit: EXIT.cannotWrite,
    hint: 'the events are safe in the journal; run `vectra store recover`, or record with encoder parquetjs',
  },
  STORE_SESSION_LOCKED: {
    exit: EXIT.tryAgain,
    hint: 'another vectra process is writing this session: wait for it or stop it, then run the command again',
  },
  STORE_SESSION_OPEN: { exit: EXIT.tryAgain },
  STORE_BUSY: { exit: EXIT.tryAgain, hint: 'wait for the other process, or let this one wait with --wait 10m' },
  STORE_IN_USE: { exit: EXIT.tryAgain },
  STORE_CONFLICT: { exit: EXIT.tryAgain },
  STORE_PROOF: { exit: EXIT.badData, hint: 'nothing was changed; run `vectra store verify`' },
  STORE_CATALOG: { exit: EXIT.badData, hint: 'run `vectra store recover`: the catalog is rebuilt from the parts' },
  STORE_DAMAGED: { exit: EXIT.badData, hint: 'run `vectra store verify`; a copy of the file from a backup brings its rows back' },
  STORE_SEQ_HOLE: { exit: EXIT.badData },
  STORE_SEQ_DUPLICATE: { exit: EXIT.badData },
  STORE_OBJECT_MISSING: { exit: EXIT.unavailable, hint: 'fill the mirror with `vectra store push --to ADDRESS`' },
  STORE_OBJECT_CONFLICT: { exit: EXIT.cannotWrite, hint: 'nothing was changed; choose another prefix or directory' },
  STORE_OBJECT_CORRUPT: { exit: EXIT.badData, hint: 'run `vectra store verify` here, or fetch it again' },
  STORE_OBJECT_UNSUPPORTED: { exit: EXIT.failure },
  STORE_OBJECT_IO: { exit: EXIT.unavailable, hint: 'run it again: what is there already is kept' },
  RECORDER_UNREACHABLE: { exit: EXIT.unavailable },
  RECORDER_PORT_IN_USE: { exit: EXIT.tryAgain },
  RECORDER_LISTEN_FAILED: { exit: EXIT.failure, hint: 'another --ops-port, or --ops-port off' },
  RECORDER_BROWSER_NOT_FOUND: { exit: EXIT.unavailable },
  RECORDER_BROWSER_NOT_RUNNING: { exit: EXIT.unavailable, hint: 'vectra browser launch' },
  RECORDER_BROWSER_PROFILE_IN_USE: { exit: EXIT.tryAgain },
  RECORDER_BROWSER_PORT_IN_USE: { exit: EXIT.tryAgain },
  RECORDER_BROWSER_FAILED: { exit: EXIT.unavailable },
  RECORDER_BROWSER_EXPOSED: { exit: EXIT.usage },
  PLAYER_PORT_IN_USE: { exit: EXIT.tryAgain, hint: 'another --port, or :0 for any free one' },
  PLAYER_LISTEN: { exit: EXIT.failure, hint: 'another --port' },
  PLAYER_NO_DATA: { exit: EXIT.failure, hint: 'fill it with `vectra demo`, `vectra record` or `vectra import FILE…`' },
  INGEST_SOURCE_UNAVAILABLE: { exit: EXIT.unavailable },
  INGEST_SOURCE_FAILED: { exit: EXIT.unavailable },
  INGEST_SINK_FULL: { exit: EXIT.cannotWrite, hint: 'free space or choose another disk with --data-dir' },
  INGEST_FORMAT_UNKNOWN: { exit: EXIT.badData, hint: 'docs/cli.md lists the capture formats; check that this is a capture file' },
  INGEST_CAPTURE_EMPTY: { exit: EXIT.badData },
  INGEST_CAPTURE_TOO_LARGE: { exit: EXIT.badData },
  INGEST_PORT_IN_USE: { exit: EXIT.tryAgain, hint: 'choose another port, or :0 for any free one' },
  INGEST_LISTEN_FAILED: { exit: EXIT.failure },
  QUERY_SQL: { exit: EXIT.usage },
  QUERY_FORBIDDEN: { exit: EXIT.usage },
  QUERY_MEMORY: { exit: EXIT.failure, hint: 'narrow the statement, or raise query.memoryLimit (VECTRA_QUERY_MEMORY_LIMIT)' },
  QUERY_FILE_MISSING: { exit: EXIT.badData, hint: 'run `vectra store verify` to see what is missing' },
  QUERY_FILE_CORRUPT: { exit: EXIT.badData, hint: 'run `vectra store verify` to see what is damaged' },
  QUERY_EXPORT: { exit: EXIT.cannotWrite },
  QUERY_TIMEOUT: { exit: EXIT.tryAgain, hint: 'narrow the statement (WHERE game_id = …, date = …), or raise --timeout' },
  QUERY_CLOSED: { exit: EXIT.failure },
  QUERY_REMOTE: {
    exit: EXIT.unavailable,
    hint: 'name one: query.remote (VECTRA_QUERY_REMOTE), e.g. uvx mcp-server-motherduck --db-path md:',
  },
  VECTORS_BUSY: { exit: EXIT.tryAgain, hint: 'a watch or another run holds the tables: wait for it, or stop it' },
  VECTORS_FINGERPRINT: { exit: EXIT.failure, hint: 'vectra index rebuild' },
  VECTORS_TABLE_MISSING: { exit: EXIT.failure, hint: 'vectra index run' },
  VECTORS_NO_EMBEDDER: { exit: EXIT.failure, hint: 'search with --mode bm25' },
  VECTORS_MODEL_CORRUPT: { exit: EXIT.badData },
  VECTORS_DAMAGED: { exit: EXIT.badData, hint: 'vectra index rebuild' },
  VECTORS_WRITE: { exit: EXIT.cannotWrite },
  VECTORS_EMBED: { exit: EXIT.unavailable },
  VECTORS_FILTER: { exit: EXIT.usage },
  VECTORS_CURSOR: { exit: EXIT.usage },
  INDEXER_NOTE_EMPTY: { exit: EXIT.usage },
  INDEXER_PORT: { exit: EXIT.cannotWrite, hint: 'name another port with --metrics-port, or 0 for a free one' },
  INDEXER_REFERENCE: { exit: EXIT.usage },
  INDEXER_MODEL: { exit: EXIT.usage },
  INDEXER_WATCH: { exit: EXIT.failure },
  MCP_SPAWN: { exit: EXIT.unavailable, hint: 'install the program, or name it with its whole path' },
  MCP_CONNECT: {
    exit: EXIT.unavailable,
    hint: 'start the server by hand to see why; `vectra mcp status --connect` knows common causes',
  },
  MCP_TIMEOUT: { exit: EXIT.unavailable, hint: 'run the same command again; the first start of uvx or npx downloads' },
  MCP_AUTH: { exit: EXIT.unavailable, hint: 'give the server its credentials through the environment' },
  MCP_TOOLS: { exit: EXIT.badData, hint: 'another kind of server answers there, or another version of it' },
  MCP_TOOL_FAILED: { exit: EXIT.failure },
  MCP_RESULT: { exit: EXIT.badData },
  MCP_ADDRESS: { exit: EXIT.failure },
  MCP_PORT_IN_USE: { exit: EXIT.tryAgain, hint: 'another port with --http :PORT, or :0 for any free one' },
  MCP_CONFIG: { exit: EXIT.badConfig },
  MCP_MIGRATION: { exit: EXIT.tryAgain },
}

const ERRNO: Readonly<Record<string, { exit: ExitCode; words: string }>> = {
  ENOSPC: { exit: EXIT.cannotWrite, words: 'no space left on the disk' },
  EDQUOT: { exit: EXIT.cannotWrite, words: 'disk quota exceeded' },
  EROFS: { exit: EXIT.cannotWrite, words: 'the file system is read-only' },
  EACCES: { exit: EXIT.failure, words: 'permission denied' },
  EPERM: { exit: EXIT.failure, words: 'operation not permitted' },
  ENOENT: { exit: EXIT.failure, words: 'no such file or directory' },
  EISDIR: { exit: EXIT.failure, words: 'is a directory, not a file' },
  ENOTDIR: { exit: EXIT.failure, words: 'part of the path is a file, not a directory' },
  EADDRINUSE: { exit: EXIT.tryAgain, words: 'the port is in use' },
  EMFILE: { exit: EXIT.tryAgain, words: 'too many open files' },
}

/** What any thrown value means to the user. The nearest cause that is one of our own errors speaks. */
export function failureOf(thrown: unknown): Failure {
  // What went wrong first; that closing failed as well, often for the same reason, is not what to act on.
  if (thrown instanceof SuppressedError) return failureOf(thrown.suppressed)
  if (thrown instanceof CliError) {
    const { code, message, where, hint, exitCode } = thrown
    return { code, message, where, hint, detail: textOf(thrown.context.detail), exitCode }
  }
  if (thrown instanceof VectraError) {
    const known = KNOWN[thrown.code]
    if (known === undefined && thrown.cause instanceof VectraError) return failureOf(thrown.cause)
    const { excerpt } = thrown.context
    const path = textOf(thrown.context.path) ?? textOf(thrown.context.url)
    return {
      code: thrown.code,
      // An SQL error carries its parts: the engine's words, the place with a caret, what to try.
      message:
        (textOf(excerpt) === undefined ? undefined : textOf(thrown.context.detail)) ??
        thrown.message.replace(/\n\nhint: [\s\S]*$/, ''),
      where: path === undefined || thrown.message.includes(path) ? undefined : path,
      hint: unlessIn(thrown.message, textOf(thrown.context.hint) ?? known?.hint, textOf(excerpt) !== undefined),
      detail: textOf(excerpt),
      exitCode: known?.exit ?? EXIT.failure,
    }
  }
  return systemFailure(thrown) ?? unexpected(thrown)
}

/**
 * Shows a failure on stderr: text for people, one JSON object when the command ran with `--json`.
 *
 * Always at most one screen; texts from outside cannot reach the terminal as control sequences.
 */
export function showFailure(io: Io, failure: Failure, { json }: { json: boolean }): void {
  const { code, message, where, hint, detail, exitCode } = failure
  if (json) {
    io.say(
      JSON.stringify({
        error: { code, message, where: where ?? null, hint: hint ?? null, detail: detail ?? null, exit: exitCode },
      }),
    )
    return
  }
  const label = (name: string): string => io.styledError('dim', name.padStart(6))
  io.say(`${io.styledError(['bold', 'red'], 'error:')} ${lines(message, 12)}`)
  if (detail !== undefined) io.say(lines(detail, 20).replace(/^/gm, '    '))
  if (where !== undefined) io.say(`${label('where')}  ${printable(where)}`)
  if (hint !== undefined) io.say(`${label('fix')}  ${io.styledError('bold', lines(hint, 6))}`)
  io.say(`${label('code')}  ${code} (exit ${exitCode})`)
}

function systemFailure(thrown: unknown): Failure | undefined {
  if (!(thrown instanceof Error) || !('code' in thrown) || typeof thrown.code !== 'string') return undefined
  const known = ERRNO[thrown.code]
  if (known === undefined) return undefined
  const where = 'path' in thrown && typeof thrown.path === 'string' ? thrown.path : undefined
  return { code: thrown.code, message: known.words, where, hint: undefined, detail: undefined, exitCode: known.exit }
}

function unexpected(thrown: unknown): Failure {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown))
  return {
    code: 'CLI_UNEXPECTED',
    message: `unexpected: ${error.message}`,
    where: undefined,
    hint: 'this is a fault in vectra: please report it with the lines above',
    detail: error.stack
      ?.split('\n')
      .slice(1, 9)
      .map((line) => line.trim())
      .join('\n'),
    exitCode: EXIT.failure,
  }
}

/** A hint that the message already gives is not given twice; the message of an SQL error is cut before its hint. */
function unlessIn(message: string, hint: string | undefined, cut: boolean): string | undefined {
  return hint !== undefined && !cut && message.includes(hint) ? undefined : hint
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

function lines(text: string, most: number): string {
  const all = text.trimEnd().split('\n')
  const shown = all.slice(0, most).map((line) => printable(line.length > 400 ? `${line.slice(0, 400)}…` : line))
  return [...shown, ...(all.length > most ? [`… ${all.length - most} more lines`] : [])].join('\n')
}
