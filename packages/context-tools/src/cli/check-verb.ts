import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import type { IndexState } from '../check/boxes.ts'
import { checkContexts } from '../check/check.ts'
import { printBaseline } from '../check/policy.ts'
import type { CheckReport } from '../check/types.ts'
import { matcher } from '../config.ts'
import { jsonOf } from '../edit/json-object.ts'
import { folderOf } from '../model/locate.ts'
import { printGitHub } from '../output/github.ts'
import { printJson } from '../output/json.ts'
import { printSarif } from '../output/sarif.ts'
import { printText } from '../output/text.ts'
import { openRepository } from '../repository.ts'
import { stagedChanges } from '../view/tree-view.ts'
import { diskWriter } from '../write.ts'
import { type CommandIo, EXIT, UsageError } from './io.ts'
import { namedContexts, namedPaths } from './named-paths.ts'
import { packageVersion } from './version.ts'

/** `check`: exit 0 when every CONTEXT.md is there and true, 65 when not. */
export async function runCheck(args: readonly string[], io: CommandIo): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      repo: { type: 'string' },
      staged: { type: 'boolean' },
      at: { type: 'string' },
      format: { type: 'string' },
      json: { type: 'boolean' },
      verbose: { type: 'boolean' },
      strict: { type: 'boolean' },
      fix: { type: 'boolean' },
      prune: { type: 'boolean' },
      'update-baseline': { type: 'boolean' },
      scope: { type: 'string', multiple: true },
      'index-state': { type: 'string' },
      indexed: { type: 'boolean' },
      'no-cache': { type: 'boolean' },
      porcelain: { type: 'boolean' },
    },
  })
  const format = values.json === true ? 'json' : (values.format ?? 'text')
  if (!['text', 'json', 'sarif', 'github'].includes(format))
    throw new UsageError(`--format ${format}: one of text, json, sarif, github`)
  if (values.staged === true && (values.fix === true || values.at !== undefined))
    throw new UsageError('--staged reads the index: it goes with neither --fix nor --at')
  if (values.staged === true && io.env['VECTRA_CONTEXT_SKIP'] === '1') {
    io.stderr('vectra-context: skipped because VECTRA_CONTEXT_SKIP=1\n')
    return EXIT.ok
  }
  const dir = values.repo ?? io.cwd
  if (values.fix === true) {
    const { fixFiles } = await import('./edit-verbs.ts')
    await using before = await openRepository({ dir })
    await fixFiles(before, namedContexts(before, positionals, dir), { prune: values.prune === true }, io)
  }
  const pending = values.staged === true ? stagedChanges(dir) : Promise.resolve([])
  pending.catch(() => {})
  await using repository = await openRepository({
    dir,
    at: values.staged === true ? 'index' : (values.at ?? 'worktree'),
    cache: values['no-cache'] !== true,
  })
  const { graph, config } = repository
  const strict = values.strict === true && !config.strict
  const inScope = values.scope === undefined ? () => true : matcher(values.scope)
  const staged =
    values.staged === true
      ? (await pending).filter((change) => inScope(change.path) || /CONTEXT\.md$/.test(change.path))
      : undefined
  const index = await indexOf(values['index-state'], values.indexed === true, io)
  const updating = values['update-baseline'] === true
  const found = await checkContexts(graph, {
    today: io.today,
    baseline: updating ? { keys: new Set() } : repository.baseline,
    ...(staged === undefined ? {} : { changes: staged }),
    ...(positionals.length === 0 ? {} : { only: namedPaths(repository, positionals, dir) }),
    ...(index === undefined ? {} : { index }),
  })
  const report = strict ? strictly(found) : found
  if (updating) {
    diskWriter(repository.root).write(config.baseline, printBaseline(report.findings))
    io.stderr(
      `${config.baseline}: ${new Set(report.findings.filter((one) => one.level !== 'note').map((one) => one.key)).size} findings accepted\n`,
    )
    return EXIT.ok
  }
  const text =
    format === 'json'
      ? printJson(report)
      : format === 'sarif'
        ? printSarif(report, packageVersion())
        : format === 'github'
          ? printGitHub(report)
          : printText(report, { verbose: values.verbose === true })
  io.stdout(text)
  if (!report.ok && format === 'text' && folderOf(config.baseline) !== '' && report.totals.missing > 20)
    io.stderr(
      'many findings at once? "vectra-context stub --all" writes the missing files, "check --update-baseline" accepts the rest for now\n',
    )
  return report.ok ? EXIT.ok : EXIT.badData
}

function strictly(report: CheckReport): CheckReport {
  const findings = report.findings.map((one) =>
    one.rule === 'unverifiable' || one.rule === 'omitted-edge' ? { ...one, level: 'error' as const } : one,
  )
  return { ...report, findings, ok: !findings.some((one) => one.level === 'error') }
}

/** State of the vector index: from a file, or from the caller's own index. */
async function indexOf(file: string | undefined, own: boolean, io: CommandIo): Promise<IndexState | undefined> {
  if (file !== undefined && own) throw new UsageError('--indexed and --index-state say the same: give one of them')
  if (file !== undefined) return indexState(resolve(io.cwd, file))
  if (!own) return undefined
  if (io.index === undefined)
    throw new UsageError('--indexed needs the search tables: run it as "vectra context check", or give --index-state FILE')
  return (await io.index()) ?? { hashOf: () => undefined }
}

/** A JSON file `{ "path/CONTEXT.md": "sha256" }`, as the indexer writes it. */
function indexState(path: string): IndexState {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch {
    throw new UsageError(`--index-state ${path}: the file cannot be read`)
  }
  const held = jsonOf(text) ?? {}
  return { hashOf: (context) => (typeof held[context] === 'string' ? held[context] : undefined) }
}
