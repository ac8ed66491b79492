import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { claudePlugin } from '../../src/enforce/claude.ts'
import { preCommitManifest } from '../../src/enforce/workflow.ts'
import { contextText, GitRepository } from '../git-repository.ts'

const CLI = `node --conditions=@vectra/source ${fileURLToPath(new URL('../../src/cli.ts', import.meta.url))}`

test('a real git commit is stopped by the hook, and goes through once the file is true', async () => {
  using repo = new GitRepository()
  repo.git('commit', '-q', '--allow-empty', '-m', 'first')
  expect((await repo.run(['install', 'git', '--command', CLI])).code).toBe(0)
  repo.add({ 'my lib/a.py': 'class A: pass\n' })
  expect(() => repo.git('commit', '-q', '-m', 'x')).toThrow(/missing/)
  repo.write({ 'my lib/CONTEXT.md': contextText() })
  expect(() => repo.git('commit', '-q', '-m', 'x')).toThrow(/missing/)
  repo.git('add', 'my lib/CONTEXT.md')
  repo.git('commit', '-q', '-m', 'x')
  repo.write({ 'my lib/b.py': 'from .a import A\n', 'my lib/CONTEXT.md': contextText(['./b.py', 'Inherits from']) })
  expect(() => repo.git('commit', '-q', '-a', '-m', 'y')).toThrow(/b\.py` does not exist/)
  expect((await repo.run(['install', 'git', '--uninstall'])).code).toBe(0)
  repo.git('commit', '-q', '-a', '-m', 'y')
})

test('--dry-run writes nothing and shows everything', async () => {
  using repo = new GitRepository()
  const before = repo.fingerprint()
  const { code, out, err } = await repo.run([
    'install',
    'git',
    'claude',
    'github',
    'lefthook',
    'pre-commit',
    'husky',
    '--dry-run',
  ])
  expect(code).toBe(0)
  expect(err.split('\n').filter((line) => line.startsWith('would write'))).toHaveLength(8)
  expect(out).toContain('PreToolUse')
  expect(repo.fingerprint()).toBe(before)
})

test('install says when what the hooks run is not there, and only then', async () => {
  using repo = new GitRepository()
  const note = /npm install --save-dev @vectra\/context-tools/
  expect((await repo.run(['install', 'git'])).err).toMatch(note)
  expect((await repo.run(['install', 'github'])).err).not.toMatch(note)
  expect((await repo.run(['install', 'git', '--command', CLI])).err).not.toMatch(note)
  expect((await repo.run(['install', 'git', '--uninstall'])).err).not.toMatch(note)
  repo.write({ 'node_modules/@vectra/context-tools/package.json': '{}' })
  expect((await repo.run(['install', 'git'])).err).not.toMatch(note)
})

test('a link in the way is not followed out of the repository', async () => {
  using repo = new GitRepository()
  using other = new GitRepository()
  other.write({ 'target/keep.txt': 'x' })
  repo.link('.claude', join(other.root, 'target'))
  const { code, err } = await repo.run(['install', 'claude'])
  expect(code).toBe(2)
  expect(err).toContain('CONTEXT_PATH_OUTSIDE')
})

test('a hook file that is a link is not written through', async () => {
  using repo = new GitRepository()
  repo.write({ 'elsewhere.json': '{}\n' })
  repo.link('.claude/settings.json', '../elsewhere.json')
  expect(await repo.run(['install', 'claude'])).toMatchObject({
    code: 2,
    err: expect.stringContaining('CONTEXT_PATH_OUTSIDE') as unknown,
  })
  expect(repo.read('elsewhere.json')).toBe('{}\n')
})

const hook = async (repo: GitRepository, event: string, input: object, args: string[] = []) => {
  const { code, out, err } = await repo.run(['hook', event, ...args], {
    stdin: JSON.stringify({ session_id: 's1', cwd: repo.root, ...input }),
  })
  return { code, err, answer: out === '' ? null : (JSON.parse(out) as Record<string, unknown>) }
}

test('Claude Code: a commit that would lie is denied, another command is not looked at', async () => {
  using repo = new GitRepository()
  repo.add({ 'a/x.py': '' })
  const bash = (command: string) => hook(repo, 'pre-commit', { tool_name: 'Bash', tool_input: { command } })
  expect(await bash('git commit -m "x"')).toMatchObject({
    code: 0,
    answer: {
      hookSpecificOutput: {
        hookEventName: 'PreToolUse',
        permissionDecision: 'deny',
        permissionDecisionReason: expect.stringContaining('a/CONTEXT.md') as unknown,
      },
    },
  })
  for (const other of [
    'git status',
    'git log --grep commit',
    'git show HEAD:commit.py',
    'git commit-tree x',
    'echo commit | git am',
  ])
    expect((await bash(other)).answer).toBeNull()
  for (const commit of [
    'git -C . commit -m x',
    'git --no-pager -c a=b commit',
    'cd a && git commit',
    'FOO=1 git  commit --amend',
    'git stash; git commit',
  ])
    expect((await bash(commit)).answer).not.toBeNull()
  repo.add({ 'a/CONTEXT.md': contextText() })
  expect((await bash('git commit -m "x"')).answer).toBeNull()
  repo.git('commit', '-q', '-m', 'x')
  repo.write({ 'a/CONTEXT.md': contextText(['./gone.py', 'Imports from']) })
  expect((await bash('git commit -m "x"')).answer).toBeNull()
  expect((await bash('git commit -am "x"')).answer).not.toBeNull()
  expect((await bash('git add -A && git commit -m "x"')).answer).not.toBeNull()
})

test('Claude Code: an edit is answered once per session, a new file gets its stub', async () => {
  using repo = new GitRepository()
  repo.commit({ 'a/x.py': '', 'a/CONTEXT.md': contextText(), 'b/y.py': 'Y = 1\n', 'b/CONTEXT.md': contextText() })
  repo.write({ 'a/x.py': 'from b.y import Y\n' })
  const edit = { tool_name: 'Edit', tool_input: { file_path: join(repo.root, 'a/x.py') } }
  expect((await hook(repo, 'post-edit', edit)).answer).toMatchObject({
    hookSpecificOutput: { hookEventName: 'PostToolUse', additionalContext: expect.stringContaining('b/y.py') as unknown },
  })
  expect((await hook(repo, 'post-edit', edit)).answer).toBeNull()
  expect((await hook(repo, 'post-edit', { tool_input: { file_path: '/etc/passwd' } })).answer).toBeNull()
  repo.write({ 'c/z.py': '"""Counts z."""\nfrom b.y import Y\n' })
  await hook(repo, 'post-edit', { tool_name: 'Write', tool_input: { file_path: join(repo.root, 'c/z.py') } }, [
    '--stub',
    '--scope',
    '*.py',
  ])
  expect(repo.read('c/CONTEXT.md')).toContain('| `../b/y.py` | Imports Y from |')
  expect(repo.read('c/CONTEXT.md')).toMatch(/^# c Context\n/)
})

test('Claude Code: stop blocks once, session start says what is known', async () => {
  using repo = new GitRepository()
  repo.commit({ 'a/x.py': '', 'a/CONTEXT.md': contextText() })
  repo.write({ 'a/CONTEXT.md': contextText(['./gone.py', 'Imports from']) })
  expect((await hook(repo, 'stop', { stop_hook_active: false })).answer).toMatchObject({
    decision: 'block',
    reason: expect.stringContaining('gone.py') as unknown,
  })
  expect((await hook(repo, 'stop', { stop_hook_active: true })).answer).toBeNull()
  const start = (await hook(repo, 'session-start', { source: 'startup' })).answer as {
    hookSpecificOutput: { additionalContext: string }
  }
  expect(start.hookSpecificOutput.additionalContext.length).toBeLessThanOrEqual(1500)
  expect(start.hookSpecificOutput.additionalContext).toContain('gone.py')
})

test('Claude Code: a hook adds at most 1,500 characters, whatever is wrong', async () => {
  using repo = new GitRepository()
  repo.commit({ 'a/x.py': '', 'a/CONTEXT.md': contextText() })
  const rows = Array.from({ length: 40 }, (_value, at): [string, string] => [
    `./${'long-name-'.repeat(20)}${at}.py`,
    'Imports from',
  ])
  repo.write({ 'a/CONTEXT.md': contextText(...rows) })
  const start = (await hook(repo, 'session-start', {})).answer as { hookSpecificOutput: { additionalContext: string } }
  expect(start.hookSpecificOutput.additionalContext).toHaveLength(1500)
  const stop = (await hook(repo, 'stop', {})).answer as { reason: string }
  expect(stop.reason).toHaveLength(1500)
})

test('the plugin folder and the pre-commit manifest are what the code says', () => {
  const folder = fileURLToPath(new URL('../../plugin/', import.meta.url))
  const manifest = fileURLToPath(new URL('../../../../.pre-commit-hooks.yaml', import.meta.url))
  const wanted: [string, string][] = [
    ...Object.entries(claudePlugin()).map(([path, text]): [string, string] => [join(folder, path), text]),
    [manifest, preCommitManifest()],
  ]
  if (process.env['UPDATE_PLUGIN'] === '1') for (const [path, text] of wanted) writeFileSync(path, text)
  for (const [path, text] of wanted) expect(readFileSync(path, 'utf8')).toBe(text)
})
