import { userInfo } from 'node:os'
import { addNote } from '@vectra/indexer'
import type { CommandContext } from '../context.ts'
import { openData } from '../data.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { printable } from '../terminal/text.ts'
import { formatWhen, isoMicros } from '../terminal/when.ts'

/** Options of `vectra note add`. */
export interface AddOptions {
  readonly author?: string
  readonly tag?: readonly string[]
  readonly game?: readonly string[]
  readonly file?: readonly string[]
  readonly event?: readonly string[]
}

/** `vectra note add TEXT`: writes a note into the event store; the next index run makes it searchable. */
export async function add(context: CommandContext, operands: readonly string[], options: AddOptions): Promise<ExitCode> {
  const settings = await context.settings()
  const note = await addNote(settings.values.dataDir, {
    text: operands.join(' '),
    author: options.author ?? context.env.VECTRA_AUTHOR ?? userInfo().username,
    tags: options.tag,
    games: options.game,
    files: options.file,
    events: options.event,
  })
  if (context.json) await context.io.line(JSON.stringify({ session_id: note.sessionId, seq: note.seq }))
  else await context.io.line(`noted as ${note.sessionId}:${note.seq}`)
  return EXIT.ok
}

/** `vectra note ls`: the notes in the store, newest first. */
export async function list(
  context: CommandContext,
  _operands: readonly string[],
  { limit }: { readonly limit: number },
): Promise<ExitCode> {
  await using engine = await openData(await context.settings())
  let found = 0
  for await (const row of engine.events({ docTypes: ['debug_note'], order: 'desc', limit, signal: context.signal })) {
    found++
    const note = noteOf(row.raw_json)
    if (context.json) {
      await context.io.line(JSON.stringify({ ts: isoMicros(row.ts), session_id: row.session_id, seq: row.seq, ...note }))
      continue
    }
    const title = String(note['text'] ?? '').split('\n')[0] ?? ''
    const tags = Array.isArray(note['tags']) && note['tags'].length > 0 ? `  [${note['tags'].join(', ')}]` : ''
    await context.io.line(printable(`${formatWhen(row.ts, 'seconds')}  ${String(note['author'] ?? '')}  ${title}${tags}`))
  }
  if (found === 0) context.io.say('no notes yet: `vectra note add TEXT`')
  return EXIT.ok
}

/** The fields of a stored note; empty for what is none. */
export function noteOf(raw: string | null): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(raw ?? '{}')
    return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}
