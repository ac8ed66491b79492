import { parseAllDocuments } from 'yaml'
import { ContextToolsError } from '../errors.ts'

/** When a compiled hook runs. */
export type Trigger = 'pre_commit' | 'file_create' | 'file_edit' | 'session_start' | 'session_stop'

/** What it does: one of ours, or shell text when the file allows it. */
export type Action = 'context.check' | 'context.stub' | 'context.index' | 'context.review-stop' | { readonly shell: string }

/** One hook of the YAML dialect, understood. */
export interface ContextHook {
  readonly name: string
  readonly trigger: Trigger
  /** File patterns it is limited to, gitignore style; empty means all. */
  readonly scope: readonly string[]
  readonly action: Action
}

/** What an installation without a hook file enforces. */
export const DEFAULT_HOOKS: readonly ContextHook[] = [
  { name: 'context-check', trigger: 'pre_commit', scope: [], action: 'context.check' },
  { name: 'context-edit', trigger: 'file_edit', scope: [], action: 'context.check' },
  { name: 'context-session', trigger: 'session_start', scope: [], action: 'context.check' },
  { name: 'context-stop', trigger: 'session_stop', scope: [], action: 'context.review-stop' },
]

const TRIGGERS: readonly Trigger[] = ['pre_commit', 'file_create', 'file_edit', 'session_start', 'session_stop']
const BUILT_IN = ['context.check', 'context.stub', 'context.index'] as const

/**
 * Reads hook files of the seed's dialect: `name`, `trigger`, `scope`, `action`.
 *
 * `action` is `use: context.check|context.stub|context.index`. Shell text that does what one of those does is
 * recognised and replaced, faults and all; any other shell text is refused unless the hook says `allowShell: true`.
 *
 * @throws ContextToolsError CONTEXT_HOOK_FILE_INVALID
 */
export function parseHooks(text: string, path: string): ContextHook[] {
  const fault = (message: string) =>
    new ContextToolsError('CONTEXT_HOOK_FILE_INVALID', `${path}: ${message}`, { context: { path } })
  const hooks: ContextHook[] = []
  for (const document of parseAllDocuments(text)) {
    const [error] = document.errors
    if (error !== undefined) throw fault(error.message.split('\n')[0] ?? 'is not YAML')
    const json: unknown = document.toJS({ maxAliasCount: 20 })
    for (const one of Array.isArray(json) ? json : [json]) if (one !== null) hooks.push(hookOf(one, fault))
  }
  if (hooks.length === 0) throw fault('holds no hook')
  return hooks
}

function hookOf(json: unknown, fault: (message: string) => Error): ContextHook {
  if (typeof json !== 'object' || json === null) throw fault('a hook has to be a mapping with name, trigger and action')
  const { name, trigger, scope, action, allowShell } = json as Record<string, unknown>
  if (typeof name !== 'string' || !/^[\w.-]+$/.test(name))
    throw fault('"name" has to be a word of letters, digits, "_", "-" and "."')
  if (!TRIGGERS.includes(trigger as Trigger)) throw fault(`${name}: "trigger" has to be one of ${TRIGGERS.join(', ')}`)
  const patterns = scope === undefined ? [] : Array.isArray(scope) ? scope : [scope]
  if (patterns.some((one) => typeof one !== 'string' || /[\n\0'"$`\\]/.test(one)))
    throw fault(`${name}: "scope" has to be a glob or a list of globs`)
  return {
    name,
    trigger: trigger as Trigger,
    scope: patterns as string[],
    action: actionOf(name, trigger as Trigger, action, allowShell === true, fault),
  }
}

function actionOf(
  name: string,
  trigger: Trigger,
  action: unknown,
  allowShell: boolean,
  fault: (message: string) => Error,
): Action {
  const use = typeof action === 'object' && action !== null && 'use' in action ? action.use : action
  const named = BUILT_IN.find((one) => one === use)
  if (named !== undefined) return named
  if (typeof use !== 'string' || use.trim() === '') throw fault(`${name}: "action" has to be {use: ${BUILT_IN.join('|')}}`)
  if (/CONTEXT\.md/.test(use)) {
    if (trigger === 'pre_commit') return 'context.check'
    if (trigger === 'file_create') return 'context.stub'
    if (/index/i.test(use)) return 'context.index'
  }
  if (/index_contexts|code_context/.test(use)) return 'context.index'
  if (!allowShell)
    throw fault(`${name}: shell text is not run unless "allowShell: true" is set; use {use: ${BUILT_IN.join('|')}}`)
  return { shell: use }
}

/** Arguments of `vectra-context` for a hook; scopes are single arguments, never spliced into a shell. */
export function argumentsOf(hook: ContextHook): string[] {
  const scope = hook.scope.flatMap((one) => ['--scope', one])
  if (hook.trigger === 'pre_commit') return ['check', '--staged', ...scope]
  const event = { file_create: 'post-edit', file_edit: 'post-edit', session_start: 'session-start', session_stop: 'stop' }[
    hook.trigger
  ]
  return ['hook', event, ...(hook.action === 'context.stub' ? ['--stub'] : []), ...scope]
}

/** Shell line that runs a hook from git; every argument is quoted. */
export function shellLine(command: string, hook: ContextHook): string {
  if (typeof hook.action === 'object') return hook.action.shell.trim()
  if (hook.action === 'context.index') return 'npx --no-install vectra index run || exit $?'
  return `${command} ${argumentsOf(hook)
    .map((one) => (/^[\w./=:@-]+$/.test(one) ? one : `'${one.replaceAll("'", "'\\''")}'`))
    .join(' ')} || exit $?`
}
