import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { affectedContexts, checkContexts } from '../check/check.ts'
import type { CheckReport } from '../check/types.ts'
import { matcher } from '../config.ts'
import { type JsonObject, jsonOf } from '../edit/json-object.ts'
import { stubContext } from '../edit/stub.ts'
import { languageOf } from '../graph/facts.ts'
import { contextOf, folderOf } from '../model/locate.ts'
import { openRepository, type Repository } from '../repository.ts'
import { safeText } from '../use/safety.ts'
import { findRepository } from '../view/git.ts'
import { changesSince, type StagedChange, stagedChanges } from '../view/tree-view.ts'
import { diskWriter, rememberOnce } from '../write.ts'
import { type CommandIo, EXIT, UsageError } from './io.ts'

/** `git commit`, also behind options of git (`git -C dir commit`); not every command that has the word in it. */
const COMMIT = /\bgit(?:\s+-\S+(?:\s+(?!commit\b)[^-\s]\S*)?)*\s+commit(?![\w-])/

/** Most characters a hook adds to a conversation. */
const MOST = 1500

/**
 * `hook EVENT`: Claude Code's side. The event comes as JSON on standard input (there are no environment variables for
 * it); the answer is JSON on standard output. A fault of ours never stops the agent, except before a commit.
 */
export async function runHook(args: readonly string[], io: CommandIo): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { repo: { type: 'string' }, stub: { type: 'boolean' }, scope: { type: 'string', multiple: true } },
  })
  const input = jsonOf(await io.stdin()) ?? {}
  if (io.env['VECTRA_CONTEXT_SKIP'] === '1') {
    io.stderr('vectra-context: skipped because VECTRA_CONTEXT_SKIP=1\n')
    return EXIT.ok
  }
  const dir = values.repo ?? (typeof input['cwd'] === 'string' ? input['cwd'] : io.cwd)
  const inScope = values.scope === undefined ? () => true : matcher(values.scope)
  switch (positionals[0]) {
    case 'session-start':
      return sessionStart(dir, io)
    case 'pre-commit':
      return preCommit(dir, input, inScope, io)
    case 'post-edit':
      return postEdit(dir, input, inScope, values.stub === true, io)
    case 'stop':
      return stop(dir, input, io)
    default:
      throw new UsageError('hook needs one of session-start, pre-commit, post-edit, stop')
  }
}

async function sessionStart(dir: string, io: CommandIo): Promise<number> {
  await using repository = await openRepository({ dir })
  const changes = await changesSince(repository.root, 'HEAD', 'worktree').catch(() => [])
  const report = await checkContexts(repository.graph, { changes, today: io.today, baseline: repository.baseline })
  const total = repository.graph.contexts.length
  const lines = [
    `CONTEXT.md: ${total} files; \`vectra-context show PATH\` gives the verified one for a path.`,
    ...problems(report, 12),
  ]
  answer(io, { hookSpecificOutput: { hookEventName: 'SessionStart', additionalContext: lines.join('\n').slice(0, MOST) } })
  return EXIT.ok
}

async function preCommit(dir: string, input: JsonObject, inScope: (path: string) => boolean, io: CommandIo): Promise<number> {
  const command = commandOf(input)
  if (command !== null && !COMMIT.test(command)) return EXIT.ok
  const later =
    command !== null &&
    (/\bgit\s+(add|rm|mv)\b/.test(command) || /\bcommit\b[^|;&]*\s(-\w*a\w*|--all|--patch|-p|--)(\s|$)/.test(command))
  if ((await findRepository(dir)) === null) return EXIT.ok
  await using repository = await openRepository({ dir, at: later ? 'worktree' : 'index' })
  const changes = (later ? await workTreeChanges(repository.root) : await stagedChanges(repository.root)).filter(
    (change) => inScope(change.path) || /CONTEXT\.md$/.test(change.path),
  )
  const report = await checkContexts(repository.graph, { changes, today: io.today, baseline: repository.baseline })
  if (report.ok) return EXIT.ok
  const reason = `CONTEXT.md is missing or false for what would be committed:\n${problems(report, 12).join('\n')}\nRepair the rows, or run: npx --no-install vectra-context check --fix`
  answer(io, {
    hookSpecificOutput: {
      hookEventName: 'PreToolUse',
      permissionDecision: 'deny',
      permissionDecisionReason: reason.slice(0, MOST),
    },
  })
  return EXIT.ok
}

async function postEdit(
  dir: string,
  input: JsonObject,
  inScope: (path: string) => boolean,
  stub: boolean,
  io: CommandIo,
): Promise<number> {
  const file = fileOf(input)
  if (file === null) return EXIT.ok
  await using repository = await openRepository({ dir })
  let path: string
  try {
    path = repository.pathOf(file, dir)
  } catch {
    return EXIT.ok
  }
  if (!repository.view.paths.has(path) || !inScope(path)) return EXIT.ok
  const said: string[] = []
  if (
    stub &&
    languageOf(path) !== null &&
    contextOf(path, (one) => repository.view.paths.has(one)) === null &&
    !repository.graph.isTest(path) &&
    !repository.graph.isOptional(path)
  ) {
    const context = folderOf(path) === '' ? 'CONTEXT.md' : `${folderOf(path)}/CONTEXT.md`
    diskWriter(repository.root).write(context, await stubContext(repository.graph, context))
    said.push(`${context} was written from the imports of ${path}: read its Purpose and Key Decisions.`)
  } else {
    const changes: StagedChange[] = [{ status: 'M', path, from: null }]
    said.push(
      ...problems(await checkContexts(repository.graph, { changes, today: io.today, baseline: repository.baseline }), 6, true),
    )
  }
  const fresh = said.filter((line) => isNew(repository, input, line))
  if (fresh.length > 0)
    answer(io, { hookSpecificOutput: { hookEventName: 'PostToolUse', additionalContext: fresh.join('\n').slice(0, MOST) } })
  return EXIT.ok
}

async function stop(dir: string, input: JsonObject, io: CommandIo): Promise<number> {
  if (input['stop_hook_active'] === true) return EXIT.ok
  await using repository = await openRepository({ dir })
  if (repository.state === null) return EXIT.ok
  const changes = await workTreeChanges(repository.root)
  if ((await affectedContexts(repository.graph, changes)).length === 0 && changes.length === 0) return EXIT.ok
  const report = await checkContexts(repository.graph, { changes, today: io.today, baseline: repository.baseline })
  if (report.ok) return EXIT.ok
  answer(io, {
    decision: 'block',
    reason: `CONTEXT.md does not match the changes made:\n${problems(report, 12).join('\n')}`.slice(0, MOST),
  })
  return EXIT.ok
}

async function workTreeChanges(root: string): Promise<StagedChange[]> {
  return changesSince(root, 'HEAD', 'worktree').catch(() => stagedChanges(root))
}

function problems(report: CheckReport, most: number, warnings = false): string[] {
  const loud = report.findings.filter((finding) => finding.level === 'error' || (warnings && finding.level === 'warning'))
  const lines = loud.slice(0, most).map((finding) =>
    safeText(
      `${finding.path}${finding.span === null ? '' : `:${finding.span.line}`} ${finding.message}${finding.hint === null ? '' : ` (${finding.hint})`}`,
    )
      .replace(/\s+/g, ' ')
      .slice(0, 300),
  )
  return loud.length > most ? [...lines, `and ${loud.length - most} more`] : lines
}

/** What was said once in a session is not said again. */
function isNew(repository: Repository, input: JsonObject, line: string): boolean {
  const session = typeof input['session_id'] === 'string' ? input['session_id'].replace(/[^\w-]/g, '').slice(0, 64) : ''
  if (repository.state === null || session === '') return true
  return rememberOnce(join(repository.state, `session-${session}.txt`), line)
}

function commandOf(input: JsonObject): string | null {
  const tool = input['tool_input']
  return typeof tool === 'object' && tool !== null && 'command' in tool && typeof tool.command === 'string' ? tool.command : null
}

function fileOf(input: JsonObject): string | null {
  const tool = input['tool_input']
  if (typeof tool !== 'object' || tool === null) return null
  const path = 'file_path' in tool ? tool.file_path : 'notebook_path' in tool ? tool.notebook_path : null
  return typeof path === 'string' ? path : null
}

function answer(io: CommandIo, value: object): void {
  io.stdout(`${JSON.stringify(value)}\n`)
}
