import { ContextToolsError } from '../errors.ts'
import type { FileChange } from '../write.ts'
import { isShellScript, withBlock, withoutBlock } from './block.ts'
import { claudeCommand, claudeSettings } from './claude.ts'
import { type ContextHook, DEFAULT_HOOKS, shellLine } from './hooks-yaml.ts'
import { workflowText } from './workflow.ts'
import { lefthook, preCommitConfig } from './yaml-recipes.ts'

/** Where a check can be installed. */
export type RecipeName = 'git' | 'husky' | 'lefthook' | 'pre-commit' | 'claude' | 'github'

/** All of them, in the order they are offered. */
export const RECIPES: readonly RecipeName[] = ['git', 'husky', 'lefthook', 'pre-commit', 'claude', 'github']

/** What a recipe needs to know of the repository. */
export interface RecipeContext {
  /** Folder git runs hooks from, absolute. */
  readonly hooksDir: string
  /** Text of a file, by repository or absolute path; `null` when there is none. */
  read(path: string): string | null
  /** Shell words that start the tool. Default `npx --no-install vectra-context`. */
  readonly command?: string
  readonly hooks?: readonly ContextHook[]
  /** Version of Claude Code, `null` when unknown: then only what old versions understand is written. */
  readonly claudeVersion?: string | null
  /** Take our entries out instead. */
  readonly uninstall?: boolean
}

/** Changes that install (or uninstall) one recipe; none when everything is as it should be. @throws ContextToolsError CONTEXT_INSTALL_CONFLICT */
export function planRecipe(name: RecipeName, context: RecipeContext): FileChange[] {
  const command = context.command ?? 'npx --no-install vectra-context'
  const hooks = context.hooks ?? DEFAULT_HOOKS
  const commit = hooks.filter((hook) => hook.trigger === 'pre_commit')
  const lines = commit.map((hook) => shellLine(command, hook))
  switch (name) {
    case 'git':
      return ['pre-commit', 'pre-merge-commit'].flatMap((hook) => script(context, `${context.hooksDir}/${hook}`, lines))
    case 'husky':
      return script(context, '.husky/pre-commit', lines, false)
    case 'lefthook': {
      const path =
        ['lefthook.yml', 'lefthook.yaml', '.lefthook.yml', '.lefthook.yaml'].find((one) => context.read(one) !== null) ??
        'lefthook.yml'
      return edit(context, path, (text) => lefthook(text, commit, command, context.uninstall === true))
    }
    case 'pre-commit':
      return edit(context, '.pre-commit-config.yaml', (text) =>
        preCommitConfig(text, commit, command, context.uninstall === true),
      )
    case 'claude':
      return [
        ...edit(context, '.claude/settings.json', (text) =>
          claudeSettings(text, hooks, context.claudeVersion ?? null, context.uninstall === true),
        ),
        ...owned(context, '.claude/commands/context.md', claudeCommand(context.command)),
      ]
    case 'github':
      return owned(context, '.github/workflows/context.yml', workflowText())
  }
}

function script(context: RecipeContext, path: string, lines: readonly string[], shebang = true): FileChange[] {
  return edit(context, path, (text) => {
    if (text !== null && !isShellScript(text)) {
      throw new ContextToolsError(
        'CONTEXT_INSTALL_CONFLICT',
        `${path} is no shell script: call "vectra-context check --staged" from it yourself`,
        { context: { path } },
      )
    }
    if (context.uninstall === true) return text === null ? null : withoutBlock(text)
    if (lines.length === 0) return text
    const merged = withBlock(text, lines)
    return text === null && !shebang ? merged.replace(/^#!.*\n/, '') : merged
  }).map((change) => ({ ...change, executable: change.text !== null }))
}

function edit(context: RecipeContext, path: string, change: (text: string | null) => string | null): FileChange[] {
  const before = context.read(path)
  const after = change(before)
  return after === before ? [] : [{ path, text: after }]
}

/** A file that is ours as a whole: never written over somebody else's, never removed when it was changed. */
function owned(context: RecipeContext, path: string, text: string): FileChange[] {
  const before = context.read(path)
  const ours = before?.includes('vectra-context') === true
  if (context.uninstall === true) return before !== null && ours ? [{ path, text: null }] : []
  if (before !== null && !ours)
    throw new ContextToolsError('CONTEXT_INSTALL_CONFLICT', `${path} exists and is not ours: move it away first`, {
      context: { path },
    })
  return before === text ? [] : [{ path, text }]
}
