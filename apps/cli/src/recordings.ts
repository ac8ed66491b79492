import { existsSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { importFile, type ReplayRecord, type ReplayRecords, replayRecords } from '@vectra/ingest'
import { checkReadable, readPieces, unreadableFile } from './capture-files.ts'
import type { CommandContext } from './context.ts'
import { CliError } from './errors.ts'
import { EXIT } from './exit-codes.ts'

/** Something that can be replayed, as often as asked for. */
export interface Recording extends AsyncDisposable {
  readonly records: ReplayRecords
  /** `public.jsonl`, `game 2025…`, `session 0190…`. */
  readonly name: string
}

/**
 * A capture file, or a stored game or session by its id. A path wins over an id; what is neither is told apart in the error.
 *
 * @throws CliError `CLI_FILE_UNREADABLE`, `CLI_GAME_NOT_FOUND`, `CLI_NOTHING_TO_REPLAY`
 */
export async function openRecording(context: CommandContext, what: string): Promise<Recording> {
  const recording = await open(context, what)
  try {
    if (await hasFrames(recording.records)) return recording
  } catch (error) {
    await recording[Symbol.asyncDispose]()
    throw error
  }
  await recording[Symbol.asyncDispose]()
  throw new CliError(
    'CLI_NOTHING_TO_REPLAY',
    `${what} holds no frames: recorded games keep ticks only, and ticks were never sent as such`,
    { exitCode: EXIT.badData, hint: 'replay a raw capture (raw frames, event log, key samples) or a game recorded live' },
  )
}

async function open(context: CommandContext, what: string): Promise<Recording> {
  const path = resolve(context.cwd, what)
  if (existsSync(path)) {
    if (statSync(path).isDirectory()) throw unreadableFile(Object.assign(new Error('directory'), { code: 'EISDIR' }), what)
    await checkReadable({ path, name: what, sizeBytes: 0 })
    const source = await importFile({ name: what, content: readPieces(path) })
    return { records: replayRecords(source, context.signal), name: what, [Symbol.asyncDispose]: async () => undefined }
  }
  if (!/^[0-9a-f-]{4,}$/i.test(what) || what.includes('/'))
    throw unreadableFile(Object.assign(new Error('missing'), { code: 'ENOENT' }), what)
  const { openStoredRecording } = await import('./stored-recording.ts')
  return openStoredRecording(context, what)
}

async function hasFrames(records: ReplayRecords): Promise<boolean> {
  const all: Iterable<ReplayRecord> | AsyncIterable<ReplayRecord> = typeof records === 'function' ? records() : records
  for await (const { direction } of all) if (direction === 'received') return true
  return false
}
