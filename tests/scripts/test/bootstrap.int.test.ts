import { spawnSync } from 'node:child_process'
import { expect, it } from 'vitest'
import { FakeClone, PINS } from './fake-clone.ts'

it('installs and builds once; the second run does neither', async () => {
  using clone = new FakeClone()
  expect(await clone.run(['setup'])).toMatchObject({ code: 0, stdout: '' })
  expect(clone.calls()).toEqual(['install', 'build'])
  expect(await clone.run(['setup'])).toEqual({ code: 0, stdout: '', stderr: '' })
  expect(clone.calls()).toEqual([])
})

it.each([
  ['a source', 'apps/cli/src/main.ts', ['build']],
  ['the lockfile', 'pnpm-lock.yaml', ['install', 'build']],
  ['a manifest', 'apps/cli/package.json', ['install', 'build']],
  ['a test', 'apps/cli/test/a.test.ts', []],
  ['a README', 'apps/cli/README.md', []],
])('a change of %s repeats only what depends on it', async (_what, path, expected) => {
  using clone = new FakeClone()
  await clone.run(['setup'])
  clone.calls()
  if (clone.has(path)) clone.append(path, '\n')
  else clone.write(path, 'new')
  expect(await clone.run(['setup'])).toMatchObject({ code: 0 })
  expect(clone.calls()).toEqual(expected)
})

it('a verb of the command line builds what it stands on, nothing else', async () => {
  using clone = new FakeClone()
  clone.write('packages/near/package.json', '{"name":"@vectra/near","scripts":{"build":"tsup"}}')
  clone.write('packages/far/package.json', '{"name":"@vectra/far","scripts":{"build":"tsup"}}')
  clone.write('packages/near/dist/index.js', '')
  clone.write(
    'apps/cli/package.json',
    '{"name":"@vectra/cli","scripts":{"build":"tsup"},"dependencies":{"@vectra/near":"workspace:^"}}',
  )
  await clone.run(['vectra'])
  expect(clone.calls()).toEqual(['install', 'build'])
  clone.write('packages/far/src/index.ts', 'changed')
  await clone.run(['vectra'])
  expect(clone.calls()).toEqual([])
  clone.write('packages/near/src/index.ts', 'changed')
  await clone.run(['vectra'])
  expect(clone.calls()).toEqual(['build'])
})

it.each([
  ['node_modules', ['install']],
  ['apps/cli/dist', ['build']],
])('notices that %s was deleted', async (path, expected) => {
  using clone = new FakeClone()
  await clone.run(['setup'])
  clone.calls()
  clone.remove(path)
  await clone.run(['setup'])
  expect(clone.calls()).toEqual(expected)
})

it('two at once: one works, the other waits and finds it done', async () => {
  using clone = new FakeClone()
  const runs = await Promise.all([clone.run(['setup'], { FAKE_DELAY: '300' }), clone.run(['setup'], { FAKE_DELAY: '300' })])
  expect(runs.map((run) => run.code)).toEqual([0, 0])
  expect(clone.calls()).toEqual(['install', 'build'])
  expect(clone.has('.tools/bootstrap.lock')).toBe(false)
})

it('a run killed in the middle leaves nothing in the way of the next', async () => {
  using clone = new FakeClone()
  const killed = clone.start(['setup'], { FAKE_DELAY: '10000' })
  await expect.poll(() => clone.has('calls.log')).toBe(true)
  killed.child.kill('SIGKILL')
  await new Promise((done) => killed.child.on('exit', done))
  expect(clone.has('.tools/bootstrap.lock')).toBe(true)
  clone.calls()
  expect(await clone.run(['setup'])).toMatchObject({ code: 0 })
  expect(clone.calls()).toEqual(['install', 'build'])
  expect(clone.list('.tools').filter((name) => name.includes('lock'))).toEqual([])
})

it('a signal ends the step that runs, and the run', async () => {
  using clone = new FakeClone()
  const stopped = clone.start(['setup'], { FAKE_DELAY: '10000' })
  await expect.poll(() => clone.has('calls.log')).toBe(true)
  stopped.child.kill('SIGTERM')
  expect(await stopped.ended).toMatchObject({ code: 143, stdout: '' })
  expect(clone.has('.tools/bootstrap.lock')).toBe(false)
})

it('says which step failed, shows the end of its log, and the command to repeat', async () => {
  using clone = new FakeClone()
  const run = await clone.run(['vectra', 'games'], { FAKE_FAIL: 'install' })
  expect(run).toMatchObject({ code: 1, stdout: '' })
  expect(run.stderr).toContain('step "install dependencies" failed: exit code 7')
  expect(run.stderr).toContain('the fake registry is on fire')
  expect(run.stderr).toContain('repeat it:  .tools/bin/pnpm install --frozen-lockfile')
  expect(clone.calls()).toEqual(['install'])
  expect(await clone.run(['setup'])).toMatchObject({ code: 0 })
  expect(clone.calls()).toEqual(['install', 'build'])
})

it('stdout belongs to the verb, its arguments arrive untouched, its exit code leaves', async () => {
  using clone = new FakeClone()
  const run = await clone.run(['vectra', 'query', 'SELECT "a b"', '--json'], { FAKE_EXIT: '65' })
  expect(run.stdout).toBe('["query","SELECT \\"a b\\"","--json"]')
  expect(run.code).toBe(65)
})

it('a signal reaches the program, which ends in its own way', async () => {
  using clone = new FakeClone()
  await clone.run(['vectra'])
  const { child, ended } = clone.start(['start'])
  await new Promise((up) => child.stdout?.once('data', up))
  child.kill('SIGINT')
  expect(await ended).toEqual({ code: 3, stdout: 'up stopped in order', stderr: '' })
})

it.each([
  ['the pinned one', PINS.pnpm.integrity, 0],
  ['another one', 'sha512-AAAA', 1],
])('takes a tool from the registry only when it is %s', async (_what, integrity, code) => {
  using clone = new FakeClone()
  const pnpm = clone.read('.tools/pnpm/node_modules/pnpm/bin/pnpm.mjs')
  clone.remove('.tools/pnpm')
  clone.write('.tools/pnpm.1.tmp/half', 'left by an interrupted run')
  clone.fakeNpm({
    'node_modules/.package-lock.json': JSON.stringify({ packages: { 'node_modules/pnpm': { integrity } } }),
    'node_modules/pnpm/package.json': JSON.stringify({ version: PINS.pnpm.version }),
    'node_modules/pnpm/bin/pnpm.mjs': pnpm,
  })
  const run = await clone.run(['setup'])
  expect(run.code).toBe(code)
  expect(clone.has('.tools/pnpm/node_modules/pnpm/bin/pnpm.mjs')).toBe(code === 0)
  expect(clone.has('.tools/pnpm.1.tmp')).toBe(false)
  if (code !== 0)
    expect(run.stderr).toContain('step "fetch pnpm 12.21.0" failed: the registry\'s pnpm@12.21.0 is not the pinned one')
})

it('an unknown verb is a usage error', async () => {
  using clone = new FakeClone()
  expect(await clone.run(['dance'])).toMatchObject({ code: 2, stdout: '' })
})

it('turns the hooks on only where nothing is in the way', async () => {
  using clone = new FakeClone()
  const git = (...args: string[]): string => spawnSync('git', args, { cwd: clone.dir, encoding: 'utf8' }).stdout.trim()
  git('init', '-q')
  const hooks = (): string => git('config', '--local', '--get', 'core.hooksPath')
  const again = async (env: Record<string, string>): Promise<string> => {
    clone.append('apps/cli/src/main.ts', '\n')
    await clone.run(['setup'], { VECTRA_NO_HOOKS: '', ...env })
    return hooks()
  }
  expect(await again({ CI: 'true' })).toBe('')
  expect(await again({ VECTRA_NO_HOOKS: '1' })).toBe('')
  clone.write('.git/hooks/pre-push', '#!/bin/sh\n')
  expect(await again({})).toBe('')
  clone.remove('.git/hooks/pre-push')
  expect(await again({})).toBe('scripts/git-hooks')
  git('config', '--local', 'core.hooksPath', 'mine')
  expect(await again({})).toBe('mine')
})
