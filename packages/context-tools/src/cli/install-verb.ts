import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { isAbsolute, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { type ContextHook, parseHooks } from '../enforce/hooks-yaml.ts'
import { planRecipe, RECIPES, type RecipeName } from '../enforce/recipes.ts'
import { openRepository } from '../repository.ts'
import { applyChanges, type FileChange } from '../write.ts'
import { type CommandIo, EXIT, UsageError } from './io.ts'

/** `install WHAT...`: merges the check into hook files, shows the plan with `--dry-run`, takes it out with `--uninstall`. */
export async function runInstall(args: readonly string[], io: CommandIo): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      repo: { type: 'string' },
      'dry-run': { type: 'boolean' },
      uninstall: { type: 'boolean' },
      from: { type: 'string', multiple: true },
      command: { type: 'string' },
      'claude-version': { type: 'string' },
    },
  })
  if (positionals.length === 0) throw new UsageError(`install needs one or more of ${RECIPES.join(', ')}`)
  const unknown = positionals.find((name) => !RECIPES.includes(name as RecipeName))
  if (unknown !== undefined) throw new UsageError(`install ${unknown}: one of ${RECIPES.join(', ')}`)
  await using repository = await openRepository({ dir: values.repo ?? io.cwd })
  const { root, hooks: hooksDir } = repository
  if (hooksDir === null) throw new UsageError('install needs a git repository')
  const hooks: ContextHook[] = (values.from ?? []).flatMap((path) => parseHooks(hookFile(resolve(io.cwd, path)), path))
  const changes: FileChange[] = []
  for (const name of positionals as RecipeName[]) {
    changes.push(
      ...planRecipe(name, {
        hooksDir,
        read: (path) => readText(isAbsolute(path) ? path : join(root, path)),
        claudeVersion: values['claude-version'] ?? (name === 'claude' ? claudeVersion() : null),
        uninstall: values.uninstall === true,
        ...(hooks.length > 0 ? { hooks } : {}),
        ...(values.command === undefined ? {} : { command: values.command }),
      }),
    )
  }
  for (const { path, text } of changes) {
    const verb = text === null ? 'remove' : existsSync(isAbsolute(path) ? path : join(root, path)) ? 'change' : 'write'
    io.stderr(`${values['dry-run'] === true ? 'would ' : ''}${verb} ${path}\n`)
    if (values['dry-run'] === true && text !== null) io.stdout(`--- ${path}\n${text}`)
  }
  if (changes.length === 0) io.stderr('nothing to do\n')
  const local = positionals.some((name) => name !== 'github') && values.command === undefined && values.uninstall !== true
  if (local && !existsSync(join(root, 'node_modules/@vectra/context-tools/package.json')))
    io.stderr(
      'note: what was installed runs @vectra/context-tools from node_modules, where it is not yet: npm install --save-dev @vectra/context-tools, or give --command\n',
    )
  if (values['dry-run'] !== true) applyChanges(root, changes)
  return EXIT.ok
}

function hookFile(path: string): string {
  const text = readText(path)
  if (text === null) throw new UsageError(`--from ${path}: the file cannot be read`)
  return text
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}

function claudeVersion(): string | null {
  try {
    return execFileSync('claude', ['--version'], { encoding: 'utf8', timeout: 3000, stdio: ['ignore', 'pipe', 'ignore'] }).trim()
  } catch {
    return null
  }
}
