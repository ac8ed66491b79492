/**
 * `check --staged` with 20 staged files in a generated repository of 5,000, cold and warm, each in a process of its own, and a
 * whole check against `tsc --noEmit` over the same tree. Targets: p95 of 1,000 ms cold and 300 ms warm.
 *
 * Runs the built command when `dist` is there (as users do), else the source. `--quick` makes a repository of 250 files and
 * judges nothing. The targets hold for an idle machine: with a load above its cores the times are printed, not judged.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, loadavg, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const quick = process.argv.includes('--quick')
const runs = quick ? 1 : 15
const built = fileURLToPath(new URL('../dist/cli.js', import.meta.url))
const cli = existsSync(built)
  ? [built]
  : ['--conditions=@vectra/source', fileURLToPath(new URL('../src/cli.ts', import.meta.url))]
const tsc = fileURLToPath(new URL('../../../node_modules/typescript/bin/tsc', import.meta.url))
const root = mkdtempSync(join(tmpdir(), 'vectra-context-bench-'))
const git = (...args: string[]): unknown =>
  execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@example.invalid', ...args], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  })

const FOLDERS = quick ? 25 : 250
const FILES = 20
const files = new Map<string, string>()
const filler = (language: 'ts' | 'py'): string =>
  Array.from({ length: 60 }, (_value, i) =>
    language === 'ts'
      ? `function step${i}(n: number): number { return n * ${i} + 1 }`
      : `def step_${i}(n):\n    return n * ${i} + 1`,
  ).join('\n')
for (let folder = 0; folder < FOLDERS; folder++) {
  const language = folder % 5 < 3 ? 'ts' : 'py'
  const same = (step: number): number => (folder + step * 5) % FOLDERS
  for (let file = 0; file < FILES; file++) {
    const path = `src/m${folder}/f${file}.${language}`
    const other = same(1 + (file % 3))
    const text =
      language === 'ts'
        ? `import { Part${file} } from '../m${other}/f${file}.ts'\nimport { Part${(file + 1) % FILES} } from './f${(file + 1) % FILES}.ts'\nexport class Part${file} { from(other: Part${file}): number { return 1 } }\n${filler('ts')}\n`
            .replace(`import { Part${file} }`, `import { Part${file} as Other }`)
            .replace(`(other: Part${file})`, `(other: Other, near?: Part${(file + 1) % FILES})`)
        : `from src.m${other}.f${file} import Part${file} as Other\nfrom .f${(file + 1) % FILES} import Part${(file + 1) % FILES}\n\nclass Part${file}:\n    def of(self, other: Other):\n        return 1\n${filler('py')}\n`
    files.set(path, text)
  }
  const rows = [1, 2, 3].flatMap((step) =>
    Array.from({ length: FILES }, (_value, file) => file)
      .filter((file) => 1 + (file % 3) === step)
      .map((file) => `| \`../m${same(step)}/f${file}.${language}\` | Imports Part${file} from |`),
  )
  files.set(
    `src/m${folder}/CONTEXT.md`,
    `# m${folder} Context\n\n## Purpose\nPart ${folder}.\n\n## Related Scripts\n| Script | Relationship |\n|---|---|\n${rows.join('\n')}\n\n## Data Flow\nthis module\n\n## Key Decisions\n- None.\n\n## Status\n- [ ] Tests written\n`,
  )
}
files.set(
  'tsconfig.json',
  '{ "compilerOptions": { "module": "nodenext", "target": "es2024", "strict": true, "noEmit": true, "allowImportingTsExtensions": true, "types": [] }, "include": ["src"] }',
)
files.set('package.json', '{ "type": "module" }')

const quantile = (values: readonly number[], q: number): number =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.ceil(q * values.length) - 1)] ?? Number.NaN
const time = (args: readonly string[], command: readonly string[] = [...cli, 'check']): number => {
  const started = process.hrtime.bigint()
  const { status, stderr, stdout } = spawnSync(process.execPath, [...command, ...args], { cwd: root, encoding: 'utf8' })
  if (status !== 0) throw new Error(`exit ${status}: ${stdout.slice(0, 800)}${stderr}`)
  return Number(process.hrtime.bigint() - started) / 1e6
}
const line = (name: string, values: readonly number[]): void =>
  console.log(
    `${name.padEnd(34)} p50 ${quantile(values, 0.5).toFixed(0).padStart(6)} ms   p95 ${quantile(values, 0.95).toFixed(0).padStart(6)} ms   min ${Math.min(
      ...values,
    )
      .toFixed(0)
      .padStart(6)} ms`,
  )

try {
  for (const [path, text] of files) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  git('init', '-q')
  git('add', '-A')
  git('commit', '-q', '-m', 'all')
  for (let n = 0; n < 20; n++) {
    const folder = (n * 3) % FOLDERS
    const language = folder % 5 < 3 ? 'ts' : 'py'
    const path = `src/m${folder}/f${n % FILES}.${language}`
    writeFileSync(join(root, path), `${files.get(path)}${language === 'ts' ? '//' : '#'} staged\n`)
    git('add', path)
  }
  console.log(`${files.size} files, 20 staged, load ${(loadavg()[0] ?? 0).toFixed(1)}`)
  const cold: number[] = []
  const warm: number[] = []
  for (let run = 0; run < runs; run++) {
    rmSync(join(root, '.git', 'vectra-context'), { recursive: true, force: true })
    cold.push(time(['--staged']))
    warm.push(time(['--staged']))
  }
  line('check --staged, cold', cold)
  line('check --staged, warm', warm)
  rmSync(join(root, '.git', 'vectra-context'), { recursive: true, force: true })
  const whole = time([])
  const again = time([])
  const types = time(['--noEmit', '-p', '.'], [tsc])
  console.log(
    `whole check: ${whole.toFixed(0)} ms cold, ${again.toFixed(0)} ms warm; tsc --noEmit over its TypeScript files: ${types.toFixed(0)} ms; ratio ${(whole / types).toFixed(2)} cold, ${(again / types).toFixed(2)} warm`,
  )
  const idle = (loadavg()[0] ?? 0) <= availableParallelism()
  if (!quick && idle && (quantile(cold, 0.95) > 1000 || quantile(warm, 0.95) > 300)) process.exitCode = 1
} finally {
  rmSync(root, { recursive: true, force: true })
}
