import { parseArgs } from 'node:util'
import { errorsIn } from '../check/check.ts'
import { uncovered } from '../check/subject.ts'
import { fixContext } from '../edit/fix.ts'
import { reviewContext } from '../edit/review.ts'
import { stubContext } from '../edit/stub.ts'
import { isContextPath } from '../model/locate.ts'
import { parseContextFile } from '../model/parse.ts'
import { findingLine } from '../output/text.ts'
import { openRepository, type Repository } from '../repository.ts'
import { changesSince } from '../view/tree-view.ts'
import { diskWriter } from '../write.ts'
import { type CommandIo, EXIT, UsageError } from './io.ts'
import { namedContexts } from './named-paths.ts'

/** `stub [PATH...] | --all`: writes what the graph knows; existing files only gain missing sections. */
export async function runStub(args: readonly string[], io: CommandIo): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { repo: { type: 'string' }, all: { type: 'boolean' }, 'dry-run': { type: 'boolean' } },
  })
  await using repository = await openRepository({ dir: values.repo ?? io.cwd })
  const { graph } = repository
  const named = positionals.map((path) => contextFor(repository, repository.pathOf(path, values.repo ?? io.cwd)))
  const missing =
    values.all === true
      ? [...uncovered(graph, graph.sources).keys()].map((folder) => (folder === '' ? 'CONTEXT.md' : `${folder}/CONTEXT.md`))
      : []
  if (named.length + missing.length === 0) {
    if (values.all !== true) throw new UsageError('stub needs a PATH or --all')
    io.stderr('every folder has its CONTEXT.md\n')
  }
  const paths = [...new Set([...named, ...missing])]
  const planned = graph.withPlanned(paths)
  try {
    for (const path of paths) {
      const before = (await graph.view.read(path))?.toString('utf8') ?? null
      const after = await stubContext(planned, path, before)
      if (after === before) io.stderr(`${path}: nothing to add\n`)
      put(repository, io, path, before, after, values['dry-run'] === true)
    }
  } finally {
    planned.close()
  }
  return EXIT.ok
}

/** `fix [PATH...]`: repairs moved paths, names, missing rows and boxes; with `--prune` also deletes rows that are false. Exit 65 when an error is left. */
export async function runFix(args: readonly string[], io: CommandIo): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { repo: { type: 'string' }, prune: { type: 'boolean' }, 'dry-run': { type: 'boolean' } },
  })
  const dir = values.repo ?? io.cwd
  const dry = values['dry-run'] === true
  await using repository = await openRepository({ dir })
  const fixed = await fixFiles(repository, askedFor(repository, positionals, dir), { prune: values.prune === true, dry }, io)
  const { baseline, graph } = repository
  const left = []
  for (const { path, text } of fixed)
    left.push(...(await errorsIn(graph, parseContextFile(path, text), { today: io.today, baseline })))
  for (const finding of left) io.stderr(`${findingLine(finding, 'left ')}\n`)
  if (fixed.length === 0) {
    io.stderr('there is no CONTEXT.md here: "vectra context stub --all" writes them\n')
    return EXIT.ok
  }
  const changed = fixed.filter((one) => one.changed).length
  io.stderr(
    `${fixed.length} CONTEXT.md: ${changed} ${dry ? 'would be changed' : 'changed'}, ${left.length} error${left.length === 1 ? '' : 's'} left for a person\n`,
  )
  if (values.prune !== true && left.some((one) => one.rule === 'contradicted' || one.rule === 'dead-path'))
    io.stderr('mend these rows by hand, or delete those that nothing bears out with --prune\n')
  return left.length > 0 ? EXIT.badData : EXIT.ok
}

/** Repairs CONTEXT.md files and says which changed. */
export async function fixFiles(
  repository: Repository,
  paths: readonly string[],
  options: { readonly prune: boolean; readonly dry?: boolean },
  io: CommandIo,
): Promise<{ path: string; text: string; changed: boolean }[]> {
  const { graph, view } = repository
  const renames = repository.hooks === null ? new Map<string, string>() : await renamesSinceHead(repository.root)
  const fixed = []
  for (const path of paths) {
    const before = (await view.read(path))?.toString('utf8') ?? ''
    const text = await fixContext(graph, path, before, { renames, prune: options.prune })
    put(repository, io, path, before, text, options.dry === true)
    fixed.push({ path, text, changed: text !== before })
  }
  return fixed
}

/** `review [PATH...]`: records today's signatures in the file. */
export async function runReview(args: readonly string[], io: CommandIo): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { repo: { type: 'string' }, all: { type: 'boolean' }, 'dry-run': { type: 'boolean' } },
  })
  if (positionals.length === 0 && values.all !== true) throw new UsageError('review needs a PATH or --all')
  await using repository = await openRepository({ dir: values.repo ?? io.cwd })
  for (const path of askedFor(repository, positionals, values.repo ?? io.cwd)) {
    const before = (await repository.view.read(path))?.toString('utf8') ?? ''
    put(repository, io, path, before, await reviewContext(repository.graph, path, before), values['dry-run'] === true)
  }
  return EXIT.ok
}

/** As {@link namedContexts}; that there is none where the user said is a usage error. */
function askedFor(repository: Repository, written: readonly string[], from: string): string[] {
  const found = namedContexts(repository, written, from)
  if (found.length === 0 && written.length > 0)
    throw new UsageError(`${written.join(', ')}: has no CONTEXT.md; "vectra context stub ${written.join(' ')}" writes one`)
  return found
}

/** The CONTEXT.md a stub of this path is: of a file its own form only when asked for by name, else its folder's. */
function contextFor(repository: Repository, path: string): string {
  if (isContextPath(path)) return path
  const { paths, folders } = repository.view
  if (folders.has(path)) return path === '' ? 'CONTEXT.md' : `${path}/CONTEXT.md`
  if (!paths.has(path)) throw new UsageError(`${path}: no such file or folder in the repository`)
  const folder = path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : ''
  return folder === '' ? 'CONTEXT.md' : `${folder}/CONTEXT.md`
}

async function renamesSinceHead(root: string): Promise<Map<string, string>> {
  const changes = await changesSince(root, 'HEAD', 'worktree').catch(() => [])
  const staged = await changesSince(root, 'HEAD', 'index').catch(() => [])
  return new Map(
    [...staged, ...changes].flatMap((change) =>
      change.status === 'R' && change.from !== null ? [[change.from, change.path] as const] : [],
    ),
  )
}

function put(repository: Repository, io: CommandIo, path: string, before: string | null, after: string, dry: boolean): void {
  if (after === before) return
  if (dry) io.stdout(`--- ${path}\n${after}`)
  else {
    diskWriter(repository.root).write(path, after)
    io.stderr(`${before === null ? 'wrote' : 'changed'} ${path}\n`)
  }
}
