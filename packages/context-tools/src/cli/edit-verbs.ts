import { parseArgs } from 'node:util'
import { uncovered } from '../check/subject.ts'
import { fixContext } from '../edit/fix.ts'
import { reviewContext } from '../edit/review.ts'
import { stubContext } from '../edit/stub.ts'
import { languageOf } from '../graph/facts.ts'
import { contextOf, isContextPath } from '../model/locate.ts'
import { openRepository, type Repository } from '../repository.ts'
import { changesSince } from '../view/tree-view.ts'
import { diskWriter } from '../write.ts'
import { type CommandIo, EXIT, UsageError } from './io.ts'

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
  for (const path of [...new Set([...named, ...missing])]) {
    const before = (await graph.view.read(path))?.toString('utf8') ?? null
    put(repository, io, path, before, await stubContext(graph, path, before), values['dry-run'] === true)
  }
  return EXIT.ok
}

/** `fix [PATH...]`: repairs moved paths, missing rows and boxes; with `--prune` also rows that are false. */
export async function runFix(args: readonly string[], io: CommandIo): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { repo: { type: 'string' }, prune: { type: 'boolean' }, 'dry-run': { type: 'boolean' } },
  })
  await using repository = await openRepository({ dir: values.repo ?? io.cwd })
  const renames = repository.hooks === null ? new Map<string, string>() : await renamesSinceHead(repository.root)
  for (const path of selected(repository, positionals, values.repo ?? io.cwd)) {
    const before = (await repository.view.read(path))?.toString('utf8') ?? ''
    put(
      repository,
      io,
      path,
      before,
      await fixContext(repository.graph, path, before, { renames, prune: values.prune === true }),
      values['dry-run'] === true,
    )
  }
  return EXIT.ok
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
  for (const path of selected(repository, positionals, values.repo ?? io.cwd)) {
    const before = (await repository.view.read(path))?.toString('utf8') ?? ''
    put(repository, io, path, before, await reviewContext(repository.graph, path, before), values['dry-run'] === true)
  }
  return EXIT.ok
}

/** CONTEXT.md files at or below what the user named; all when nothing was named. */
function selected(repository: Repository, written: readonly string[], from: string): string[] {
  const paths = written.map((one) => repository.pathOf(one, from))
  const has = (one: string) => repository.view.paths.has(one)
  const wanted = paths.map((path) => (languageOf(path) === null ? path : (contextOf(path, has) ?? path)))
  return repository.graph.contexts.filter(
    (path) => wanted.length === 0 || wanted.some((one) => one === '' || one === path || path.startsWith(`${one}/`)),
  )
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
