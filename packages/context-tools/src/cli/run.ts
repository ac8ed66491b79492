import { ContextToolsError } from '../errors.ts'
import { type CommandIo, EXIT, UsageError } from './io.ts'

/** One verb: takes its arguments, answers with an exit code. */
export type Verb = (args: readonly string[], io: CommandIo) => Promise<number>

/** Each verb loads what it needs when it runs: a hook should not wait for the libraries of an installer. */
const VERBS: Readonly<Record<string, () => Promise<Verb>>> = {
  check: async () => (await import('./check-verb.ts')).runCheck,
  stub: async () => (await import('./edit-verbs.ts')).runStub,
  fix: async () => (await import('./edit-verbs.ts')).runFix,
  review: async () => (await import('./edit-verbs.ts')).runReview,
  install: async () => (await import('./install-verb.ts')).runInstall,
  hook: async () => (await import('./hook-verb.ts')).runHook,
  show: async () => (await import('./use-verbs.ts')).runShow,
  slash: async () => (await import('./use-verbs.ts')).runSlash,
  impact: async () => (await import('./use-verbs.ts')).runImpact,
  map: async () => (await import('./use-verbs.ts')).runMap,
  records: async () => (await import('./use-verbs.ts')).runRecords,
}

/** Help text of the whole command. */
export const USAGE = `usage: vectra-context VERB

  check [PATH...]      judge CONTEXT.md files against the code; exit 65 when one is false or missing
        --staged       what a commit made now would contain; reads the index, never the work tree
        --at REVISION  a commit instead of the work tree
        --format text|json|sarif|github   (--json for short)   --verbose   --strict
        --fix          repair moved paths, names, missing rows and boxes first    --prune  also delete rows that are false
        --update-baseline   accept today's findings   --scope GLOB   --index-state FILE   --no-cache
        --indexed      compare the box "Indexed" with the search tables (as "vectra context check")
  stub [PATH...]       write CONTEXT.md from the graph; --all for every folder that lacks one; --dry-run
  fix [PATH...]        the same repair, and what it leaves for a person: exit 65 when that is an error; --prune, --dry-run
  review [PATH...]     record that the files were read against today's signatures
  show PATH|QUESTION   verified context within --tokens N (default 1500)
  slash -- TEXT        the same for /context
  impact [BASE]        rows that the uncommitted (--staged: staged) changes break; --json
  map                  modules and verdicts: --format mermaid|dot|json|html
  records              rows for the code_context table, one JSON object a line
  install WHAT...      git | husky | lefthook | pre-commit | claude | github   --dry-run --uninstall --from HOOKS.yaml
  hook EVENT           called by Claude Code: session-start | pre-commit | post-edit | stop

  --repo DIR           the repository (default: the one around the current folder)
`

/** Runs `vectra-context`. Never throws: every outcome is an exit code, with its reason on standard error. */
export async function runContextCommand(args: readonly string[], io: CommandIo): Promise<number> {
  const [name = '', ...rest] = args
  if (name === '' || name === 'help' || name === '--help' || name === '-h' || rest.includes('--help')) {
    io.stdout(USAGE)
    return name === '' ? EXIT.usage : EXIT.ok
  }
  const verb = VERBS[name]
  if (verb === undefined) {
    io.stderr(`vectra-context: unknown verb "${name}"; one of ${Object.keys(VERBS).join(', ')}\n`)
    return EXIT.usage
  }
  try {
    return await (await verb())(rest, io)
  } catch (error) {
    return failed(error, io)
  }
}

function failed(error: unknown, io: CommandIo): number {
  if (
    error instanceof UsageError ||
    (error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS'))
  ) {
    io.stderr(`vectra-context: ${error.message}\n`)
    return EXIT.usage
  }
  if (error instanceof ContextToolsError) {
    io.stderr(`vectra-context: ${error.message} [${error.code}]\n`)
    if (error.code === 'CONTEXT_CONFIG_INVALID' || error.code === 'CONTEXT_HOOK_FILE_INVALID') return EXIT.badConfig
    return error.code === 'CONTEXT_WRITE_FAILED'
      ? EXIT.cannotWrite
      : error.code === 'CONTEXT_PATH_OUTSIDE' || error.code === 'CONTEXT_FOLDER_MISSING'
        ? EXIT.usage
        : EXIT.failure
  }
  if (error instanceof Error && 'syscall' in error) io.stderr(`vectra-context: ${error.message}\n`)
  else
    io.stderr(
      `vectra-context: a fault of this program, please report it: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
    )
  return EXIT.failure
}
