import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url))

/** What a finished command line left. */
export interface CliResult {
  /** Null when a signal ended the process. */
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

/** How a command is run. */
export interface CliOptions {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  readonly input?: string
  /** Leaves stdin open for the test to write to. */
  readonly typing?: boolean
  /** Runs as this user: only root can. */
  readonly uid?: number
  /** Another entry than the command line, e.g. `src/start.ts`. */
  readonly entry?: string
}

/** A command that runs. */
export interface RunningCli {
  readonly child: ChildProcess
  readonly done: Promise<CliResult>
  /** Resolves with the match once stderr or stdout shows the pattern; rejects when the process ends without. */
  seen(pattern: RegExp): Promise<RegExpExecArray>
}

/** Variables of this process that would reach into a test. */
const OWN = /^(VECTRA_(?!CAPTURES)|RUGS_|NO_COLOR|FORCE_COLOR|CI$|NODE_OPTIONS|VITEST|INIT_CWD|npm_)/

/** Commands still running: a test that fails must not leave one behind. */
const running = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/** Starts the real binary from its sources. */
export function startCli(args: readonly string[], { cwd, env, input, typing, uid, entry = MAIN }: CliOptions = {}): RunningCli {
  const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !OWN.test(name)))
  const child = spawn(process.execPath, ['--conditions=@vectra/source', entry, ...args], {
    cwd: cwd ?? tmpdir(),
    env: { ...inherited, HOME: cwd ?? tmpdir(), ...env },
    stdio: 'pipe',
    ...(uid === undefined ? {} : { uid, gid: uid }),
  })
  running.add(child)
  child.once('close', () => running.delete(child))
  let stdout = ''
  let stderr = ''
  const watchers = new Set<() => void>()
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
    for (const look of watchers) look()
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
    for (const look of watchers) look()
  })
  child.stdin.on('error', () => undefined)
  if (typing !== true) child.stdin.end(input ?? '')
  const done = new Promise<CliResult>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => resolve({ code, signal, stdout, stderr }))
  })
  return {
    child,
    done,
    seen: (pattern) =>
      new Promise((resolve, reject) => {
        const look = (): boolean => {
          const match = pattern.exec(stderr) ?? pattern.exec(stdout)
          if (match === null) return false
          watchers.delete(look)
          resolve(match)
          return true
        }
        if (look()) return
        watchers.add(look)
        void done.then(() => look() || reject(new Error(`ended without ${pattern}:\n${stdout}\n${stderr}`)))
      }),
  }
}

/** Runs the real binary to its end. */
export function vectra(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  return startCli(args, options).done
}

/** A directory that goes away with the test. */
export function scratch(): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), 'vectra-cli-'))
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) }
}
