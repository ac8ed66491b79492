import { execFile } from 'node:child_process'
import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Command } from 'commander'
import { expect, it } from 'vitest'
import { SETTING_KEYS } from '../src/config/file.ts'
import { DEFAULTS, environmentNames } from '../src/config/schema.ts'
import { EXIT } from '../src/exit-codes.ts'
import { buildProgram } from '../src/program.ts'
import { scratch, vectra } from './run-cli.ts'

const read = (path: string): string => readFileSync(fileURLToPath(new URL(path, import.meta.url)), 'utf8')
const manual = read('../../../docs/cli.md')
const readme = read('../README.md')
const program = buildProgram({
  launch: () => async () => undefined,
  write: () => undefined,
  writeError: () => undefined,
  styled: (_style, text) => text,
})

/** Every verb with its path: `store verify`. */
function verbs(command: Command, path: readonly string[] = []): { path: string; command: Command }[] {
  return command.commands.flatMap((child) => {
    const here = [...path, child.name()]
    return child.commands.length > 0 ? verbs(child, here) : [{ path: here.join(' '), command: child }]
  })
}

it('the manual names every verb and every option, and no option that does not exist', async () => {
  const all = verbs(program)
  expect(all.length).toBeGreaterThan(14)
  expect(all.filter(({ path }) => !manual.includes(path)).map(({ path }) => path)).toEqual([])
  const options = [program, ...all.map(({ command }) => command)].flatMap(({ options: list }) =>
    list.map(({ long }) => long ?? ''),
  )
  expect([...new Set(options)].filter((name) => !manual.includes(name))).toEqual([])
  // `vectra context` hands its words on to vectra-context, which lists its options itself.
  const context = await vectra(['context', 'check', '--help'])
  const passedOn = [...`${context.stdout}${context.stderr}`.matchAll(/--[a-z][a-z-]+/g)].map(([name]) => name)
  expect(passedOn).toContain('--staged')
  const known = new Set([...options, ...passedOn, '--help', '--version'])
  const named = new Set([...manual.matchAll(/`[^`]*?(--[a-z][a-z-]+)/g)].map(([, name]) => name ?? ''))
  expect([...named].filter((name) => !known.has(name))).toEqual([])
})

it('the manual names every setting with its variables, and every exit code', () => {
  for (const key of SETTING_KEYS) {
    const row = manual.split('\n').find((line) => line.startsWith(`| \`${key}\` |`)) ?? ''
    for (const name of environmentNames(key)) expect(row).toContain(`\`${name}\``)
    expect(row.replaceAll(',', '')).toContain(String(DEFAULTS[key]))
  }
  for (const code of Object.values(EXIT)) expect(manual).toMatch(new RegExp(`^\\| .*\\b${code}\\b`, 'm'))
})

it('the quickstart of the README runs as written', async () => {
  using dir = scratch()
  const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))
  writeFileSync(join(dir.path, 'vectra'), `#!/bin/sh\nexec "${process.execPath}" --conditions=@vectra/source "${main}" "$@"\n`)
  chmodSync(join(dir.path, 'vectra'), 0o755)
  const script = /```bash\n(.*?)```/s.exec(readme)?.[1] ?? ''
  expect(script.split('\n').length).toBeGreaterThan(6)
  const { stdout } = await promisify(execFile)('sh', ['-euc', script], {
    cwd: dir.path,
    env: { PATH: `${dir.path}:${process.env.PATH ?? ''}`, HOME: dir.path },
  })
  expect(stdout).toMatch(/^newChatMessage +gm$/m)
  expect(stdout).toContain('42["newChatMessage",{"message": "gm"}]')
  expect(stdout).toMatch(/^ok: 2 parts/m)
  expect(stdout).toMatch(/^stored +3 events/m)
})
