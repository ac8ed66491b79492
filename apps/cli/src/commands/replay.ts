import { existsSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import {
  importFile,
  type ReplayRecord,
  type ReplayRecords,
  replayRecords,
  type Speed,
  serveReplay,
  systemClock,
} from '@vectra/ingest'
import { checkReadable, readPieces, unreadableFile } from '../capture-files.ts'
import type { CommandContext } from '../context.ts'
import { CliError } from '../errors.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { plural } from '../terminal/units.ts'

/** Options of `vectra replay`. */
export interface ReplayOptions {
  /** Port on 127.0.0.1; 0 for any. */
  readonly asServer: number
  readonly speed: Speed
  readonly loop?: boolean
  readonly once?: boolean
}

/** `vectra replay … --as-server`: serves recorded frames, byte for byte, to any Socket.IO client until stopped. */
export async function replay(context: CommandContext, [what = '']: readonly string[], options: ReplayOptions): Promise<ExitCode> {
  const { io, signal } = context
  await using recording = await openRecording(context, what)
  const { records, name } = recording
  if (!(await hasFrames(records))) throw nothingToReplay(what)
  const settings = await context.settings()
  const log = await context.log(settings)
  await using server = await serveReplay({
    records,
    clock: systemClock(),
    port: options.asServer,
    speed: options.speed,
    loop: options.loop === true,
  })
  if (context.json)
    await io.line(
      JSON.stringify({
        event: 'listening',
        url: server.url,
        port: server.port,
        replay: name,
        speed: options.speed,
        loop: options.loop === true,
      }),
    )
  else {
    const speed = options.speed === 'max' ? 'as fast as it goes' : `×${options.speed}`
    io.say(
      `serving ${name} on ${server.url} (${speed}${options.loop === true ? ', looping' : ''}); each client starts at the beginning`,
    )
    io.say(`record it: vectra record --url ${server.url} --until-end`)
  }
  const startedAt = performance.now()
  {
    using _status = context.display.show(
      {
        text: () => `${server.url}  ${plural(server.clients, 'client')}  ${plural(server.sent, 'event')} sent`,
        fields: () => ({ url: server.url, clients: server.clients, sent: server.sent }),
      },
      log,
      { quiet: context.quiet },
    )
    await Promise.race([aborted(signal), ...(options.once === true ? [server.done] : [])])
  }
  const { sent } = server
  await server.close()
  await io.line(
    JSON.stringify({
      ...(context.json ? { event: 'stopped' } : {}),
      replay: name,
      sent,
      elapsed_ms: Math.round(performance.now() - startedAt),
      exit: 'clean',
    }),
  )
  return EXIT.ok
}

interface Recording extends AsyncDisposable {
  readonly records: ReplayRecords
  readonly name: string
}

/** A path wins over a game id; what is neither is told apart in the error. */
async function openRecording(context: CommandContext, what: string): Promise<Recording> {
  const path = resolve(context.cwd, what)
  if (existsSync(path)) {
    if (statSync(path).isDirectory()) throw unreadableFile(Object.assign(new Error('directory'), { code: 'EISDIR' }), what)
    await checkReadable({ path, name: what, sizeBytes: 0 })
    const source = await importFile({ name: what, content: readPieces(path) })
    return { records: replayRecords(source, context.signal), name: what, [Symbol.asyncDispose]: async () => undefined }
  }
  if (!/^[0-9a-f-]{4,}$/i.test(what) || what.includes('/'))
    throw unreadableFile(Object.assign(new Error('missing'), { code: 'ENOENT' }), what)
  const { openGameRecording } = await import('../game-recording.ts')
  return openGameRecording(context, what)
}

async function hasFrames(records: ReplayRecords): Promise<boolean> {
  const all: Iterable<ReplayRecord> | AsyncIterable<ReplayRecord> = typeof records === 'function' ? records() : records
  for await (const { direction } of all) if (direction === 'received') return true
  return false
}

function nothingToReplay(what: string): CliError {
  return new CliError(
    'CLI_NOTHING_TO_REPLAY',
    `${what} holds no frames: recorded games keep ticks only, and ticks were never sent as such`,
    {
      exitCode: EXIT.badData,
      hint: 'replay a raw capture (raw frames, event log, key samples) or a game recorded live',
    },
  )
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    if (signal.aborted) done()
    else signal.addEventListener('abort', () => done(), { once: true })
  })
}
