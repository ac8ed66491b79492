import { parseArgs } from 'node:util'
import { checkContexts } from '../check/check.ts'
import { openRepository, type Repository } from '../repository.ts'
import { impactOf, printImpact } from '../use/impact.ts'
import { moduleMap, printMap } from '../use/map.ts'
import { contextRecords } from '../use/records.ts'
import { type ShowOptions, showContext, slashContext } from '../use/show.ts'
import { changesSince } from '../view/tree-view.ts'
import { type CommandIo, EXIT, UsageError } from './io.ts'

function tokensOf(value: string | undefined): { tokens?: number } {
  if (value === undefined) return {}
  const tokens = Number(value)
  if (!Number.isInteger(tokens) || tokens < 50) throw new UsageError(`--tokens ${value}: a whole number from 50`)
  return { tokens }
}

/** Notes are an extra: without them, or when they cannot be read, the answer is given all the same. */
async function notesOf(io: CommandIo): Promise<Pick<ShowOptions, 'notes'>> {
  try {
    return io.notes === undefined ? {} : { notes: await io.notes() }
  } catch (error) {
    io.stderr(`vectra-context: no notes: ${error instanceof Error ? error.message : String(error)}\n`)
    return {}
  }
}

/** A path from where the user stands as one of the repository; anything else is a question and stays as it is. */
function asPath(repository: Repository, asked: string, dir: string): string {
  const { paths, folders } = repository.view
  if (asked.trim() === '') return asked
  try {
    const path = repository.pathOf(asked.trim(), dir)
    return paths.has(path) || folders.has(path) ? path || '.' : asked
  } catch {
    return asked
  }
}

/** `show PATH|QUESTION`. */
export async function runShow(args: readonly string[], io: CommandIo): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { repo: { type: 'string' }, tokens: { type: 'string' } },
  })
  if (positionals.length === 0) throw new UsageError('show needs a PATH or a QUESTION')
  const dir = values.repo ?? io.cwd
  await using repository = await openRepository({ dir })
  const asked = asPath(repository, positionals.join(' '), dir)
  io.stdout(await showContext(repository.graph, asked, { ...tokensOf(values.tokens), ...(await notesOf(io)) }))
  return EXIT.ok
}

/** `slash -- TEXT`: the text is one argument and is never split or run. */
export async function runSlash(args: readonly string[], io: CommandIo): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { repo: { type: 'string' }, tokens: { type: 'string' } },
  })
  const dir = values.repo ?? io.cwd
  await using repository = await openRepository({ dir })
  const options = { ...tokensOf(values.tokens), ...(await notesOf(io)) }
  io.stdout(await slashContext(repository.graph, asPath(repository, positionals.join(' '), dir), io.today, options))
  return EXIT.ok
}

/** `impact [BASE]`: exit 65 when a row breaks. */
export async function runImpact(args: readonly string[], io: CommandIo): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { repo: { type: 'string' }, staged: { type: 'boolean' }, json: { type: 'boolean' } },
  })
  const dir = values.repo ?? io.cwd
  const [base = 'HEAD', target] = positionals
  const at = values.staged === true ? 'index' : (target ?? 'worktree')
  await using before = await openRepository({ dir, at: base })
  await using after = await openRepository({ dir, at })
  const impact = await impactOf(before.graph, after.graph, await changesSince(after.root, base, at), io.today)
  io.stdout(values.json === true ? `${JSON.stringify({ version: 1, ...impact }, null, 2)}\n` : printImpact(impact))
  return impact.rows.length + impact.missing.length > 0 ? EXIT.badData : EXIT.ok
}

/** `map --format mermaid|dot|json|html`. */
export async function runMap(args: readonly string[], io: CommandIo): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: { repo: { type: 'string' }, format: { type: 'string', default: 'mermaid' } },
  })
  const { format } = values
  if (format !== 'mermaid' && format !== 'dot' && format !== 'json' && format !== 'html')
    throw new UsageError(`--format ${format}: one of mermaid, dot, json, html`)
  await using repository = await openRepository({ dir: values.repo ?? io.cwd })
  const report = await checkContexts(repository.graph, { today: io.today, incoming: false })
  io.stdout(printMap(await moduleMap(repository.graph, report), format))
  return EXIT.ok
}

/** `records`: NDJSON for the `code_context` table. */
export async function runRecords(args: readonly string[], io: CommandIo): Promise<number> {
  const { values } = parseArgs({ args: [...args], options: { repo: { type: 'string' } } })
  await using repository = await openRepository({ dir: values.repo ?? io.cwd })
  const report = await checkContexts(repository.graph, { today: io.today, incoming: false })
  for (const record of await contextRecords(repository.graph, report)) io.stdout(`${JSON.stringify(record)}\n`)
  return EXIT.ok
}
