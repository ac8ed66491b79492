import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { CommandIo } from '../src/cli/io.ts'
import { runContextCommand } from '../src/cli/run.ts'

/** A throw-away repository; nothing of the machine's git settings reaches it. */
export class GitRepository {
  readonly root: string
  env: Record<string, string>

  constructor(init: readonly string[] = []) {
    this.root = mkdtempSync(join(tmpdir(), 'vectra-context-git-'))
    this.env = {
      PATH: process.env['PATH'] ?? '',
      HOME: this.root,
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_AUTHOR_NAME: 'a',
      GIT_AUTHOR_EMAIL: 'a@example.invalid',
      GIT_COMMITTER_NAME: 'a',
      GIT_COMMITTER_EMAIL: 'a@example.invalid',
    }
    this.git('init', '-q', '-b', 'main', ...init)
  }

  git(...args: string[]): string {
    return this.gitIn(this.root, ...args)
  }

  gitIn(cwd: string, ...args: string[]): string {
    return execFileSync('git', ['-c', 'protocol.file.allow=always', ...args], {
      cwd,
      env: this.env,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    })
  }

  write(files: Readonly<Record<string, string | Uint8Array>>): this {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(this.root, path)), { recursive: true })
      writeFileSync(join(this.root, path), text)
    }
    return this
  }

  add(files: Readonly<Record<string, string | Uint8Array>>): this {
    this.write(files)
    this.git('add', '--', ...Object.keys(files))
    return this
  }

  commit(files: Readonly<Record<string, string | Uint8Array>>): this {
    this.add(files)
    this.git('commit', '-q', '--no-verify', '-m', 'x')
    return this
  }

  remove(path: string): void {
    rmSync(join(this.root, path))
  }

  link(path: string, to: string): void {
    mkdirSync(dirname(join(this.root, path)), { recursive: true })
    symlinkSync(to, join(this.root, path))
  }

  move(from: string, to: string): void {
    mkdirSync(dirname(join(this.root, to)), { recursive: true })
    renameSync(join(this.root, from), join(this.root, to))
  }

  executable(path: string): void {
    chmodSync(join(this.root, path), 0o755)
  }

  read(path: string): string {
    return readFileSync(join(this.root, path), 'utf8')
  }

  /** Runs the command in this process, with the repository's environment for git. */
  async run(
    args: readonly string[],
    options: { cwd?: string; stdin?: string; env?: Record<string, string> } = {},
  ): Promise<{ code: number; out: string; err: string }> {
    let out = ''
    let err = ''
    const io: CommandIo = {
      cwd: options.cwd ?? this.root,
      env: options.env ?? {},
      stdout: (text) => (out += text),
      stderr: (text) => (err += text),
      stdin: async () => options.stdin ?? '',
      today: '2026-01-01',
    }
    const before = { ...process.env }
    Object.assign(process.env, this.env, options.env)
    try {
      return { code: await runContextCommand(args, io), out, err }
    } finally {
      for (const key of Object.keys(process.env)) if (!(key in before)) delete process.env[key]
      Object.assign(process.env, before)
    }
  }

  /** Hash of every byte that belongs to the user: work tree, index, refs; our cache folder inside `.git` left out. */
  fingerprint(folder = this.root): string {
    const hash = createHash('sha256')
    const visit = (path: string): void => {
      for (const entry of readdirSync(path, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
        const full = join(path, entry.name)
        if (entry.name === 'vectra-context' || entry.name === 'objects') continue
        if (entry.isDirectory()) visit(full)
        else hash.update(`${full}\0`).update(entry.isSymbolicLink() ? readlinkSync(full) : readFileSync(full))
      }
    }
    visit(folder)
    return hash.digest('hex')
  }

  [Symbol.dispose](): void {
    rmSync(this.root, { recursive: true, force: true })
  }
}

/** A CONTEXT.md with the given rows. */
export function contextText(...rows: [target: string, relation: string][]): string {
  return `# x Context\n\n## Purpose\nHolds x.\n\n## Related Scripts\n| Script | Relationship |\n|--------|--------------|\n${rows.map(([target, relation]) => `| \`${target}\` | ${relation} |\n`).join('')}\n## Data Flow\nthis module\n\n## Key Decisions\n- None.\n\n## Status\n- [ ] Tests written\n`
}
