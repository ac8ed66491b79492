import { existsSync } from 'node:fs'
import { type CommandIo, runContextCommand } from '@vectra/context-tools'
import type { CommandContext } from '../context.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { isoMicros } from '../terminal/when.ts'

/** Notes that `show` and `slash` choose from, and how long they may take: they are an extra. */
const NOTES = 20
const NOTES_MS = 3_000

/** `vectra context …`: the `vectra-context` command of @vectra/context-tools, with its own verbs, options and help, and with the notes and search tables of the data directory. */
export async function context(command: CommandContext, operands: readonly string[]): Promise<ExitCode> {
  const { io, env, cwd, json } = command
  const [verb, ...rest] = operands
  const given =
    verb === undefined ? ['help'] : verb === 'slash' ? [verb, '--', ...rest] : [verb, ...rest, ...(json ? ['--json'] : [])]
  let written = Promise.resolve()
  const code = await runContextCommand(given, {
    cwd,
    env,
    today: new Date().toISOString().slice(0, 10),
    stdout: (text) => {
      written = written.then(() => io.write(text))
    },
    stderr: (text) => io.rawError(text),
    stdin: readStdin,
    notes: () => recentNotes(command),
    index: () => indexState(command),
  })
  await written
  return Object.values(EXIT).find((known) => known === code) ?? EXIT.failure
}

/** The latest notes of the store; none without a store, or when its catalog knows of none: then DuckDB is not even loaded. */
async function recentNotes(command: CommandContext): Promise<Awaited<ReturnType<NonNullable<CommandIo['notes']>>>> {
  const settings = await command.settings()
  const { dataDir } = settings.values
  if (!existsSync(dataDir)) return []
  const { listFiles } = await import('@vectra/event-store')
  if (!listFiles(dataDir).some((file) => file.docType === 'debug_note')) return []
  const [{ openData }, { noteOf }] = await Promise.all([import('../data.ts'), import('./note.ts')])
  await using engine = await openData(settings)
  const signal = AbortSignal.any([command.signal, AbortSignal.timeout(NOTES_MS)])
  const notes = []
  for await (const row of engine.events({ docTypes: ['debug_note'], order: 'desc', limit: NOTES, signal })) {
    const { text, author, files } = noteOf(row.raw_json)
    if (typeof text !== 'string') continue
    notes.push({
      at: isoMicros(row.ts).slice(0, 16),
      text,
      ...(typeof author === 'string' ? { author } : {}),
      files: Array.isArray(files) ? files.filter((file) => typeof file === 'string') : [],
    })
  }
  return notes
}

/** What the search tables hold of each CONTEXT.md. */
async function indexState(command: CommandContext): Promise<Awaited<ReturnType<NonNullable<CommandIo['index']>>>> {
  const { values } = await command.settings()
  if (!existsSync(values.dataDir)) return null
  const { openIndexer } = await import('@vectra/indexer')
  await using indexer = await openIndexer({ dataDir: values.dataDir, model: 'none' })
  const held = await indexer.indexState()
  return { hashOf: (path) => held.get(path) }
}

async function readStdin(): Promise<string> {
  if (process.stdin.isTTY) return ''
  const chunks: Buffer[] = []
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}
