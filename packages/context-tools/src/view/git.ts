import { spawn } from 'node:child_process'
import { ContextToolsError } from '../errors.ts'

/** Outcome of one git command; output is raw bytes because path names need not be UTF-8. */
export interface GitResult {
  readonly code: number
  readonly stdout: Buffer
  readonly stderr: string
}

/**
 * Runs git with arguments as a list, never through a shell, and without taking optional locks or refreshing the index
 * (`git diff` does that on its own), so that reading cannot touch it. `GIT_INDEX_FILE` and friends are inherited: that is how
 * `git commit -a` and worktrees hand a hook their own index.
 */
export function runGit(cwd: string, args: readonly string[], input?: string): Promise<GitResult> {
  return new Promise((resolve, reject) => {
    const child = spawn('git', ['-c', 'core.quotePath=false', '-c', 'diff.autoRefreshIndex=false', ...args], {
      cwd,
      stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      env: { ...process.env, GIT_OPTIONAL_LOCKS: '0', LC_ALL: 'C' },
    })
    const out: Buffer[] = []
    const err: Buffer[] = []
    child.stdout?.on('data', (chunk: Buffer) => out.push(chunk))
    child.stderr?.on('data', (chunk: Buffer) => err.push(chunk))
    child.on('error', (cause) =>
      reject(new ContextToolsError('CONTEXT_GIT_FAILED', 'git could not be started: install git or add it to PATH', { cause })),
    )
    child.on('close', (code) =>
      resolve({ code: code ?? 1, stdout: Buffer.concat(out), stderr: Buffer.concat(err).toString('utf8') }),
    )
    if (input !== undefined) {
      child.stdin?.on('error', () => {})
      child.stdin?.end(input)
    }
  })
}

/** Output of a git command that has to succeed. @throws ContextToolsError CONTEXT_GIT_FAILED */
export async function git(cwd: string, args: readonly string[], input?: string): Promise<Buffer> {
  const { code, stdout, stderr } = await runGit(cwd, args, input)
  if (code === 0) return stdout
  throw new ContextToolsError('CONTEXT_GIT_FAILED', `git ${args[0]} failed in ${cwd}: ${stderr.trim().split('\n')[0] ?? ''}`, {
    context: { args, code, stderr },
  })
}

/** Splits NUL-separated output. */
export function nulList(output: Buffer): string[] {
  const text = output.toString('utf8')
  return text === '' ? [] : (text.endsWith('\0') ? text.slice(0, -1) : text).split('\0')
}

/** Where the repository around a folder is, or `null` outside of one. `state` is a folder git itself ignores. */
export async function findRepository(cwd: string): Promise<{ root: string; state: string; hooks: string } | null> {
  const { code, stdout } = await runGit(cwd, [
    'rev-parse',
    '--path-format=absolute',
    '--show-toplevel',
    '--git-path',
    'vectra-context',
    '--git-path',
    'hooks',
  ])
  if (code !== 0) return null
  const [root, state, hooks] = stdout.toString('utf8').split('\n')
  return root === undefined || root === '' || state === undefined || hooks === undefined ? null : { root, state, hooks }
}
