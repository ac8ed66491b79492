import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, utimesSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { contextText, GitRepository } from '../git-repository.ts'

const MAIN = fileURLToPath(new URL('../../src/cli.ts', import.meta.url))

const BASE = {
  'lib/base.py': 'class Base: pass\n',
  'lib/CONTEXT.md': contextText(),
  'app/main.py': 'from lib.base import Base\n',
  'app/CONTEXT.md': contextText(['../lib/base.py', 'Imports Base from']),
}

test.each([
  [['frob'], /unknown verb "frob"/],
  [['check', '--frob'], /--frob/],
  [['check', '--format', 'xml'], /one of text, json, sarif, github/],
  [['check', '--staged', '--fix'], /reads the index/],
  [['check', 'nowhere'], /nowhere: no such file or folder/],
  [['check', '../..'], /outside of/],
  [['stub'], /needs a PATH or --all/],
  [['review'], /needs a PATH or --all/],
  [['review', 'nowhere'], /nowhere: no such file or folder/],
  [['fix', 'nowhere'], /nowhere: no such file or folder/],
  [['install'], /one or more of/],
  [['install', 'svn'], /one of git/],
  [['install', 'git', '--from', 'gone.yaml'], /gone\.yaml: the file cannot be read/],
  [['check', '--repo', 'gone'], /gone is no folder/],
  [['fix', '--repo', 'gone'], /gone is no folder/],
  [['show'], /needs a PATH or a QUESTION/],
  [['show', 'x', '--tokens', '3'], /whole number/],
  [['map', '--format', 'pdf'], /one of mermaid/],
  [['hook', 'sometimes'], /session-start/],
])('%j is a usage error: exit 2, nothing on stdout', async (args, message) => {
  using repo = new GitRepository()
  const { code, out, err } = await repo.run(args)
  expect({ code, out }).toEqual({ code: 2, out: '' })
  expect(err).toMatch(message)
})

test('a bad configuration is exit 78 with the reason', async () => {
  using repo = new GitRepository()
  repo.write({ 'vectra.context.json': '{ "exlude": [] }' })
  expect(await repo.run(['check'])).toMatchObject({
    code: 78,
    err: expect.stringContaining('unknown setting "exlude"') as unknown,
  })
})

test('an older repository: the baseline is accepted, what is new fails', async () => {
  using repo = new GitRepository()
  repo.commit({ ...BASE, 'old/x.py': '' })
  expect((await repo.run(['check'])).code).toBe(65)
  expect((await repo.run(['check', '--update-baseline'])).code).toBe(0)
  expect((await repo.run(['check'])).code).toBe(0)
  repo.write({ 'new/y.py': '' })
  expect(await repo.run(['check'])).toMatchObject({ code: 65, out: expect.stringContaining('new/CONTEXT.md') as unknown })
})

test('fix, stub and review write what check asks for, and are done after one run', async () => {
  using repo = new GitRepository()
  repo.commit(BASE)
  repo.git('mv', 'lib/base.py', 'lib/root.py')
  repo.write({ 'app/main.py': 'from lib.root import Base\n', 'more/z.py': 'import app.main\n' })
  expect((await repo.run(['check'])).code).toBe(65)
  expect((await repo.run(['check', '--fix'])).out).not.toContain('dead-path')
  expect((await repo.run(['stub', '--all'])).code).toBe(0)
  expect((await repo.run(['review', '--all'])).code).toBe(0)
  expect((await repo.run(['check'])).code).toBe(0)
  const before = repo.fingerprint()
  for (const args of [['fix'], ['stub', '--all'], ['review', '--all']]) expect((await repo.run(args)).code).toBe(0)
  expect(repo.fingerprint()).toBe(before)
})

test('fix says what is left for a person, and exit 65 says so too; a second run says the same', async () => {
  using repo = new GitRepository()
  repo.commit({
    ...BASE,
    'lib/more.py': 'class More: pass\n',
    'app/CONTEXT.md': contextText(['../lib/base.py', 'Imports Bass from'], ['../lib/more.py', 'Imports More from']),
  })
  const before = repo.fingerprint()
  const left =
    'left   app/CONTEXT.md:10:22  `../lib/more.py` Imports More from: nothing here imports lib/more.py [contradicted]\n'
  const advice = 'mend these rows by hand, or delete those that nothing bears out with --prune\n'
  const dry = await repo.run(['fix', '--dry-run'])
  expect(dry).toMatchObject({ code: 65, err: `${left}2 CONTEXT.md: 1 would be changed, 1 error left for a person\n${advice}` })
  expect(dry.out).toContain('Imports Base from')
  expect(repo.fingerprint()).toBe(before)
  const first = await repo.run(['fix'])
  expect(first).toEqual({
    code: 65,
    out: '',
    err: `changed app/CONTEXT.md\n${left}2 CONTEXT.md: 1 changed, 1 error left for a person\n${advice}`,
  })
  expect(await repo.run(['fix'])).toMatchObject({
    code: 65,
    err: `${left}2 CONTEXT.md: 0 changed, 1 error left for a person\n${advice}`,
  })
  expect((await repo.run(['check', '--fix'])).code).toBe(65)
  expect(await repo.run(['fix', 'app', '--prune'])).toMatchObject({
    code: 0,
    err: 'changed app/CONTEXT.md\n1 CONTEXT.md: 1 changed, 0 errors left for a person\n',
  })
  expect((await repo.run(['check'])).code).toBe(0)
})

test('fix counts what is left as check does: waived and accepted findings are none', async () => {
  using repo = new GitRepository()
  repo.commit({ ...BASE, 'app/CONTEXT.md': contextText(['../lib/base.py', 'Inherits from']) })
  expect((await repo.run(['fix'])).code).toBe(65)
  expect((await repo.run(['check', '--update-baseline'])).code).toBe(0)
  expect((await repo.run(['fix'])).code).toBe(0)
})

test('fix where there is nothing: a folder without the file is a usage error, a repository without one says what to do', async () => {
  using repo = new GitRepository()
  repo.write({ 'new/x.py': '' })
  expect(await repo.run(['fix'])).toMatchObject({ code: 0, err: expect.stringContaining('stub --all') as unknown })
  expect(await repo.run(['fix', 'new'])).toMatchObject({ code: 2, err: expect.stringContaining('stub new') as unknown })
  expect((await repo.run(['check', 'new', '--fix'])).code).toBe(65)
})

test('check of a source file judges the CONTEXT.md that answers for it', async () => {
  using repo = new GitRepository()
  repo.commit({ ...BASE, 'app/CONTEXT.md': contextText(['../lib/base.py', 'Inherits from']) })
  expect(await repo.run(['check', 'app/main.py'])).toMatchObject({
    code: 65,
    out: expect.stringContaining('app/CONTEXT.md:9') as unknown,
  })
  expect(await repo.run(['check', 'lib/base.py'])).toMatchObject({
    code: 0,
    out: expect.stringContaining('1 CONTEXT.md') as unknown,
  })
})

test('stub --all writes each file as if the others were there: nothing is omitted, nothing said twice', async () => {
  using repo = new GitRepository()
  repo.commit({
    'lib/sub/deep.py': 'Deep\n~~~~\n\n\ndef deep(): pass\n'.replace(/^/, '"""').replace('\n\n\n', '\n\nGoes down. On.\n"""\n'),
    'lib/main.py': '"""Starts."""\nfrom lib.sub.deep import deep\n',
  })
  expect((await repo.run(['stub', '--all'])).code).toBe(0)
  expect(repo.read('lib/CONTEXT.md')).toContain('| `./sub/` | Imports deep from |')
  expect(repo.read('lib/sub/CONTEXT.md')).toContain('\nGoes down.\n')
  expect((await repo.run(['check'])).out).toMatch(/^ok: 2 CONTEXT\.md, .* 0 edges omitted/m)
  expect(await repo.run(['stub', 'lib'])).toMatchObject({ code: 0, err: 'lib/CONTEXT.md: nothing to add\n' })
})

test('check --strict: an edge no row mentions, or a row nothing can prove, fails', async () => {
  using repo = new GitRepository()
  repo.commit({ ...BASE, 'app/CONTEXT.md': contextText(['../lib/base.py', 'Knows of']) })
  expect((await repo.run(['check'])).code).toBe(0)
  expect(await repo.run(['check', '--strict'])).toMatchObject({
    code: 65,
    out: expect.stringContaining('[unverifiable]') as unknown,
  })
  repo.write({ 'app/CONTEXT.md': contextText() })
  expect((await repo.run(['check'])).code).toBe(0)
  expect(await repo.run(['check', '--strict'])).toMatchObject({
    code: 65,
    out: expect.stringContaining('[omitted-edge]') as unknown,
  })
})

test.each([
  [['check']],
  [['impact']],
  [['map']],
  [['records']],
  [['show', 'app']],
  [['hook', 'stop']],
  [['hook', 'session-start']],
])('%j leaves the index alone, also where its times are old and git would like to refresh it', async (args) => {
  using repo = new GitRepository()
  repo.commit(BASE)
  utimesSync(join(repo.root, 'app/main.py'), 1_000_000_000, 1_000_000_000)
  const before = repo.fingerprint()
  expect((await repo.run(args, { stdin: '{}' })).code).toBe(0)
  expect(repo.fingerprint()).toBe(before)
})

test('show and slash take a path from where the user stands, then one from the root', async () => {
  using repo = new GitRepository()
  repo.commit({ ...BASE, 'lib/main.py': '' })
  const cwd = join(repo.root, 'app')
  const first = async (...args: string[]) => /^<context path="([^"]+)"/.exec((await repo.run(args, { cwd })).out)?.[1]
  expect(await first('show', 'main.py')).toBe('app/CONTEXT.md')
  expect(await first('slash', '--', 'main.py')).toBe('app/CONTEXT.md')
  expect(await first('show', '../lib/main.py')).toBe('lib/CONTEXT.md')
  expect(await first('show', 'lib/main.py')).toBe('lib/CONTEXT.md')
  expect(await first('show', '.')).toBe('app/CONTEXT.md')
  expect((await repo.run(['slash', '--', 'status'], { cwd })).out).toContain('2 files')
})

test('--scope limits what needs a file, --at judges a commit', async () => {
  using repo = new GitRepository()
  repo.commit(BASE).add({ 'k/x.py': '', 'k/y.ts': '' })
  expect((await repo.run(['check', '--staged', '--scope', '*.go'])).code).toBe(0)
  expect((await repo.run(['check', '--staged', '--scope', '*.py'])).code).toBe(65)
  expect((await repo.run(['check', '--at', 'HEAD'])).code).toBe(0)
  const { code, err } = await repo.run(['check', '--at', 'nowhere'])
  expect(code).toBe(1)
  expect(err).toMatch(
    /^vectra-context: "nowhere" is no commit of .*: name a commit, branch or tag it has \[CONTEXT_GIT_FAILED\]\n$/,
  )
})

test('impact: exit 65 names the row before the commit; nothing to say is exit 0', async () => {
  using repo = new GitRepository()
  repo.commit(BASE)
  expect((await repo.run(['impact'])).code).toBe(0)
  repo.write({ 'app/main.py': '' })
  expect(await repo.run(['impact'])).toMatchObject({ code: 65, out: expect.stringContaining('app/CONTEXT.md:9') as unknown })
  expect((await repo.run(['impact', '--staged'])).code).toBe(0)
  repo.git('add', 'app/main.py')
  expect((await repo.run(['impact', '--staged', '--json'])).code).toBe(65)
})

test('map and records print, a second run answers from the cache', async () => {
  using repo = new GitRepository()
  repo.commit(BASE)
  expect((await repo.run(['map', '--format', 'dot'])).out).toContain('"app" -> "lib"')
  const first = await repo.run(['records'])
  expect(
    first.out
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { verdict: string | null }).verdict),
  ).toContain('VERIFIED')
  expect((await repo.run(['records'])).out).toBe(first.out)
})

test('a reader that has enough is no fault: no stack, and the exit code is what was found', async () => {
  using repo = new GitRepository()
  repo.commit({ ...BASE, 'app/CONTEXT.md': contextText(['../lib/base.py', 'Inherits from']) })
  const child = spawn(process.execPath, ['--conditions=@vectra/source', MAIN, 'check', '--json'], {
    cwd: repo.root,
    env: repo.env,
  })
  child.stdout.destroy()
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text))
  const [code] = (await once(child, 'close')) as [number]
  expect({ code, said }).toEqual({ code: 65, said: '' })
}, 60_000)

test.each([
  ['stop', {}],
  ['pre-commit', { tool_input: { command: 'git commit -m x' } }],
])('hook %s outside of a repository has nothing to say', async (event, input) => {
  const folder = mkdtempSync(join(tmpdir(), 'vectra-context-none-'))
  using repo = new GitRepository()
  try {
    const stdin = JSON.stringify({ cwd: folder, session_id: 's', ...input })
    expect(await repo.run(['hook', event], { cwd: folder, stdin })).toEqual({ code: 0, out: '', err: '' })
  } finally {
    rmSync(folder, { recursive: true })
  }
})
