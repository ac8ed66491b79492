import { type ChildProcess, spawn } from 'node:child_process'
import {
  appendFileSync,
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const SCRIPTS = fileURLToPath(new URL('../../../scripts', import.meta.url))
/** What the bootstrap fetches. */
export const PINS = JSON.parse(readFileSync(join(SCRIPTS, 'bootstrap/pins.json'), 'utf8')) as {
  pnpm: { version: string; integrity: string }
}

/** Stands in for pnpm: notes each call, and does as much of it as the bootstrap can see. */
const FAKE_PNPM = `
import { appendFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
const call = process.argv.slice(2)
appendFileSync('calls.log', call.join(' ') + '\\n')
console.log('noise on stdout')
await new Promise((done) => setTimeout(done, Number(process.env.FAKE_DELAY ?? 0)))
if (process.env.FAKE_FAIL && call.join(' ').includes(process.env.FAKE_FAIL)) {
  console.error('the fake registry is on fire')
  process.exit(7)
}
if (call[0] === 'install') mkdirSync('node_modules', { recursive: true })
if (call.includes('build')) {
  mkdirSync('apps/cli/dist', { recursive: true })
  writeFileSync('apps/cli/dist/start.js', "process.on('SIGINT', () => { process.stdout.write('stopped in order'); process.exit(3) }); setInterval(() => {}, 1000); process.stdout.write('up ')")
  writeFileSync('apps/cli/dist/main.js', "process.stdout.write(JSON.stringify(process.argv.slice(2))); process.exitCode = Number(process.env.FAKE_EXIT ?? 0)")
}
`

/** What a run of the bootstrap did. */
export interface Run {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** A clone with the real scripts, one package, and a pnpm that does nothing but take notes. */
export class FakeClone implements Disposable {
  readonly dir = mkdtempSync(join(tmpdir(), 'vectra-clone-'))

  constructor() {
    cpSync(SCRIPTS, join(this.dir, 'scripts'), { recursive: true })
    this.write('package.json', '{"private":true}')
    this.write('pnpm-lock.yaml', 'lockfileVersion: 9')
    this.write('pnpm-workspace.yaml', 'packages: [apps/*]')
    this.write('apps/cli/package.json', '{"name":"@vectra/cli","scripts":{"build":"tsup"}}')
    this.write('apps/cli/src/main.ts', 'export {}')
    this.write('.tools/pnpm/node_modules/pnpm/package.json', JSON.stringify({ version: PINS.pnpm.version }))
    this.write('.tools/pnpm/node_modules/pnpm/bin/pnpm.mjs', FAKE_PNPM)
  }

  write(path: string, text: string): void {
    mkdirSync(dirname(join(this.dir, path)), { recursive: true })
    writeFileSync(join(this.dir, path), text)
  }

  append(path: string, text: string): void {
    appendFileSync(join(this.dir, path), text)
  }

  has(path: string): boolean {
    return existsSync(join(this.dir, path))
  }

  read(path: string): string {
    return readFileSync(join(this.dir, path), 'utf8')
  }

  list(path: string): string[] {
    return readdirSync(join(this.dir, path))
  }

  remove(path: string): void {
    rmSync(join(this.dir, path), { recursive: true })
  }

  /** Puts an npm on the PATH that "installs" these files into the folder after `--prefix`. */
  fakeNpm(files: Record<string, string>): void {
    const script = `
      const { mkdirSync, writeFileSync } = require('node:fs')
      const { dirname, join } = require('node:path')
      const prefix = process.argv[process.argv.indexOf('--prefix') + 1]
      for (const [path, text] of Object.entries(${JSON.stringify(files)})) {
        mkdirSync(dirname(join(prefix, path)), { recursive: true })
        writeFileSync(join(prefix, path), text)
      }`
    this.write('bin/npm.cjs', script)
    this.write('bin/npm', `#!/bin/sh\nexec "${process.execPath}" "${join(this.dir, 'bin/npm.cjs')}" "$@"\n`)
    chmodSync(join(this.dir, 'bin/npm'), 0o755)
  }

  /** The calls of the fake pnpm since the last time this was asked. */
  calls(): string[] {
    if (!this.has('calls.log')) return []
    const calls = this.read('calls.log').trim().split('\n')
    this.remove('calls.log')
    return calls.map((call) => (call.startsWith('install') ? 'install' : call.includes('build') ? 'build' : call))
  }

  start(args: string[], env: Record<string, string> = {}): { child: ChildProcess; ended: Promise<Run> } {
    const child = spawn(process.execPath, ['scripts/run.mjs', ...args], {
      cwd: this.dir,
      env: { PATH: `${join(this.dir, 'bin')}:${process.env.PATH}`, HOME: this.dir, VECTRA_NO_HOOKS: '1', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let stdout = ''
    let stderr = ''
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      stdout += chunk
    })
    child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
      stderr += chunk
    })
    return { child, ended: new Promise((done) => child.on('close', (code) => done({ code, stdout, stderr }))) }
  }

  run(args: string[], env: Record<string, string> = {}): Promise<Run> {
    return this.start(args, env).ended
  }

  [Symbol.dispose](): void {
    rmSync(this.dir, { recursive: true, force: true })
  }
}
