import { mkdirSync, mkdtempSync, rmSync, utimesSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { changesSince } from '../src/view/tree-view.ts'
import { contextText, GitRepository } from './git-repository.ts'

const BASE = {
  'lib/base.py': 'class Base: pass\n',
  'lib/CONTEXT.md': contextText(),
  'app/main.py': 'from lib.base import Base\n',
  'app/CONTEXT.md': contextText(['../lib/base.py', 'Imports Base from']),
}

interface Situation {
  readonly name: string
  readonly prepare: (repo: GitRepository) => { cwd?: string; env?: Record<string, string> } | void
  readonly code: number
  readonly says?: RegExp
  readonly init?: string[]
}

const SITUATIONS: readonly Situation[] = [
  { name: 'nothing staged before the first commit', prepare: () => {}, code: 0 },
  {
    name: 'no HEAD yet, source without CONTEXT.md',
    prepare: (repo) => void repo.add({ 'a/x.py': '' }),
    code: 65,
    says: /a\/CONTEXT\.md .*missing/,
  },
  { name: 'no HEAD yet, everything staged and true', prepare: (repo) => void repo.add(BASE), code: 0 },
  {
    name: 'seed fault: CONTEXT.md lies only in the work tree',
    prepare: (repo) => void repo.add({ 'a/x.py': '' }).write({ 'a/CONTEXT.md': contextText() }),
    code: 65,
    says: /missing/,
  },
  {
    name: 'CONTEXT.md staged, then deleted from the work tree',
    prepare: (repo) => {
      repo.add({ 'a/x.py': '', 'a/CONTEXT.md': contextText() })
      repo.remove('a/CONTEXT.md')
    },
    code: 0,
  },
  {
    name: 'seed fault: a staged deletion is no missing file',
    prepare: (repo) => {
      repo.commit({ ...BASE, 'old/x.py': '' })
      repo.git('rm', '-q', 'old/x.py')
    },
    code: 0,
  },
  {
    name: 'a deleted file that a row still names',
    prepare: (repo) => {
      repo.commit(BASE)
      repo.git('rm', '-q', 'lib/base.py')
      repo.add({ 'app/main.py': '' })
    },
    code: 65,
    says: /does not exist/,
  },
  {
    name: 'a rename with its row',
    prepare: (repo) => {
      repo.commit(BASE)
      repo.git('mv', 'lib/base.py', 'lib/root.py')
      repo.add({
        'app/main.py': 'from lib.root import Base\n',
        'app/CONTEXT.md': contextText(['../lib/root.py', 'Imports Base from']),
      })
    },
    code: 0,
  },
  {
    name: 'a rename without its row is found and named',
    prepare: (repo) => {
      repo.commit(BASE)
      repo.git('mv', 'lib/base.py', 'lib/quite_another.py')
      repo.add({ 'app/main.py': 'from lib.quite_another import Base\n' })
    },
    code: 65,
    says: /did you mean `\.\.\/lib\/quite_another\.py`/,
  },
  {
    name: 'a rename elsewhere breaks a row of a module that was not touched',
    prepare: (repo) => {
      repo.commit(BASE)
      repo.git('mv', 'lib/base.py', 'lib/other.py')
    },
    code: 65,
    says: /app\/CONTEXT\.md/,
  },
  {
    name: 'spaces in names',
    prepare: (repo) => void repo.add({ 'my lib/the file.py': '' }),
    code: 65,
    says: /my lib\/CONTEXT\.md/,
  },
  {
    name: 'spaces in names, documented',
    prepare: (repo) => void repo.add({ 'my lib/the file.py': '', 'my lib/CONTEXT.md': contextText() }),
    code: 0,
  },
  {
    name: 'quotes, dollars and backticks in names',
    prepare: (repo) => void repo.add({ 'a"b\'c $(id) `x`/y.py': '' }),
    code: 65,
    says: /a"b'c \$\(id\)/,
  },
  { name: 'a newline in a name', prepare: (repo) => void repo.add({ 'line\nbreak/y.py': '' }), code: 65, says: /line.break/ },
  {
    name: 'a name that looks like an option',
    prepare: (repo) => {
      repo.write({ '-rf/--all.py': '' })
      repo.git('add', './-rf')
    },
    code: 65,
    says: /-rf\/CONTEXT\.md/,
  },
  {
    name: 'letters beyond ASCII',
    prepare: (repo) => void repo.add({ 'größe/日本.py': '', 'größe/CONTEXT.md': contextText() }),
    code: 0,
  },
  {
    name: 'partial staging: the index is true, the work tree no longer',
    prepare: (repo) =>
      void repo.commit(BASE).add({ 'app/main.py': 'from lib.base import Base\nx = 1\n' }).write({ 'app/main.py': '' }),
    code: 0,
  },
  {
    name: 'partial staging: the index is false, the work tree still true',
    prepare: (repo) =>
      void repo.commit(BASE).add({ 'app/main.py': 'x = 1\n' }).write({ 'app/main.py': 'from lib.base import Base\n' }),
    code: 65,
    says: /nothing here imports/,
  },
  {
    name: 'a false row staged, repaired only on disk',
    prepare: (repo) =>
      void repo
        .commit(BASE)
        .add({ 'app/CONTEXT.md': contextText(['../lib/base.py', 'Imports Nothing from']) })
        .write({ 'app/CONTEXT.md': BASE['app/CONTEXT.md'] }),
    code: 65,
    says: /Nothing is not imported/,
  },
  {
    name: 'a merge in progress',
    prepare: (repo) => {
      repo.commit(BASE)
      repo.git('checkout', '-q', '-b', 'side')
      repo.commit({ 'side/y.py': '' })
      repo.git('checkout', '-q', 'main')
      repo.commit({ 'z.txt': 'z' })
      repo.git('merge', '-q', '--no-commit', '--no-ff', 'side')
    },
    code: 65,
    says: /side\/CONTEXT\.md/,
  },
  {
    name: 'conflicted entries',
    prepare: (repo) => {
      repo.commit(BASE)
      repo.git('checkout', '-q', '-b', 'side')
      repo.commit({ 'app/main.py': 'from lib.base import Base # a\n' })
      repo.git('checkout', '-q', 'main')
      repo.commit({ 'app/main.py': 'from lib.base import Base # b\n' })
      try {
        repo.git('merge', '-q', 'side')
      } catch {}
    },
    code: 0,
  },
  {
    name: 'a conflicted file is read as our side has it',
    prepare: (repo) => {
      repo.commit(BASE)
      repo.git('checkout', '-q', '-b', 'side')
      repo.commit({ 'app/main.py': 'theirs = 1\n' })
      repo.git('checkout', '-q', 'main')
      repo.commit({ 'app/main.py': 'from lib.base import Base\nours = 1\n' })
      try {
        repo.git('merge', '-q', 'side')
      } catch {}
      repo.add({ 'lib/more.py': '' })
    },
    code: 0,
  },
  {
    name: 'a linked work tree has its own index',
    prepare: (repo) => {
      repo.commit(BASE)
      const tree = join(repo.root, 'linked')
      repo.git('worktree', 'add', '-q', '-b', 'other', tree)
      mkdirSync(join(tree, 'new'))
      repo.write({ 'linked/new/y.py': '' })
      repo.gitIn(tree, 'add', 'new/y.py')
      return { cwd: tree }
    },
    code: 65,
    says: /new\/CONTEXT\.md/,
  },
  {
    name: 'GIT_INDEX_FILE, as git commit -a hands it to a hook',
    prepare: (repo) => {
      repo.commit(BASE)
      repo.write({ 'n/y.py': '' })
      repo.env = { ...repo.env, GIT_INDEX_FILE: join(repo.root, '.git', 'other-index') }
      repo.git('read-tree', 'HEAD')
      repo.git('add', 'n/y.py')
      const env = { GIT_INDEX_FILE: join(repo.root, '.git', 'other-index') }
      return { env }
    },
    code: 65,
    says: /n\/CONTEXT\.md/,
  },
  { name: 'the same repository without that index', prepare: (repo) => void repo.commit(BASE).write({ 'n/y.py': '' }), code: 0 },
  {
    name: 'a submodule',
    prepare: (repo) => {
      repo.commit(BASE)
      using inner = new GitRepository()
      inner.commit({ 'x.py': '' })
      repo.git('submodule', '--quiet', 'add', inner.root, 'sub')
    },
    code: 0,
  },
  {
    name: 'a staged link that points out of the repository',
    prepare: (repo) => {
      repo.commit(BASE)
      repo.link('evil/x.py', '/etc/passwd')
      repo.git('add', 'evil/x.py')
    },
    code: 0,
  },
  {
    name: 'a CONTEXT.md that is a link is none',
    prepare: (repo) => {
      repo.add({ 'a/x.py': '', 'b.md': contextText() })
      repo.link('a/CONTEXT.md', '../b.md')
      repo.git('add', 'a/CONTEXT.md')
    },
    code: 65,
    says: /a\/CONTEXT\.md/,
  },
  {
    name: 'intent to add is not in the commit',
    prepare: (repo) => {
      repo.commit(BASE)
      repo.add({ 'a/x.py': '' })
      repo.write({ 'a/CONTEXT.md': contextText() })
      repo.git('add', '-N', 'a/CONTEXT.md')
    },
    code: 65,
    says: /a\/CONTEXT\.md/,
  },
  {
    name: 'an empty file really staged is there',
    prepare: (repo) => {
      repo.commit(BASE)
      repo.add({ 'a/x.py': '', 'a/CONTEXT.md': '' })
    },
    code: 0,
  },
  {
    name: 'from a folder below the root',
    prepare: (repo) => {
      repo.add({ 'a/b/x.py': '' })
      return { cwd: join(repo.root, 'a', 'b') }
    },
    code: 65,
    says: /a\/b\/CONTEXT\.md/,
  },
  {
    name: 'a detached HEAD',
    prepare: (repo) => {
      repo.commit(BASE)
      repo.git('checkout', '-q', '--detach')
      repo.add({ 'app/main.py': 'from lib.base import Base\nx = 2\n' })
    },
    code: 0,
  },
  {
    name: 'a binary file with a source name',
    prepare: (repo) => void repo.commit(BASE).add({ 'app/blob.py': new Uint8Array([0, 1, 2, 255, 0]) }),
    code: 0,
  },
  {
    name: 'only the mode changed',
    prepare: (repo) => {
      repo.commit(BASE)
      repo.executable('app/main.py')
      repo.git('add', 'app/main.py')
    },
    code: 0,
  },
  {
    name: 'a file left out of a sparse work tree',
    prepare: (repo) => {
      repo.commit(BASE)
      repo.git('update-index', '--skip-worktree', 'lib/base.py')
      repo.remove('lib/base.py')
      repo.add({ 'app/main.py': 'from lib.base import Base\ny = 1\n' })
    },
    code: 0,
  },
  {
    name: 'line ends converted at checkout',
    prepare: (repo) => {
      repo.git('config', 'core.autocrlf', 'true')
      repo.add(Object.fromEntries(Object.entries(BASE).map(([path, text]) => [path, text.replaceAll('\n', '\r\n')])))
    },
    code: 0,
  },
  {
    name: 'an ignored file added by force counts',
    prepare: (repo) => {
      repo.commit({ '.gitignore': 'gen/\n' })
      repo.write({ 'gen/x.py': '' })
      repo.git('add', '-f', 'gen/x.py')
    },
    code: 65,
    says: /gen\/CONTEXT\.md/,
  },
  {
    name: 'an ignored file not added does not',
    prepare: (repo) => void repo.commit({ '.gitignore': 'gen/\n' }).write({ 'gen/x.py': '' }),
    code: 0,
  },
  {
    name: 'a file replaced by a link',
    prepare: (repo) => {
      repo.commit(BASE)
      repo.remove('lib/base.py')
      repo.link('lib/base.py', '/etc/hosts')
      repo.git('add', 'lib/base.py')
    },
    code: 65,
    says: /lib\/base\.py/,
  },
  {
    name: 'a split index',
    prepare: (repo) => {
      repo.commit(BASE)
      repo.git('update-index', '--split-index')
      repo.add({ 'k/x.py': '' })
    },
    code: 65,
    says: /k\/CONTEXT\.md/,
  },
  {
    name: 'a repository with SHA-256 object names',
    init: ['--object-format=sha256'],
    prepare: (repo) => void repo.add({ ...BASE, 'k/x.py': '' }),
    code: 65,
    says: /k\/CONTEXT\.md/,
  },
  {
    name: 'a shallow clone',
    prepare: (repo) => {
      repo.commit(BASE).commit({ 'a.txt': 'a' })
      const copy = join(repo.root, 'copy')
      repo.git('clone', '-q', '--depth', '1', `file://${repo.root}`, copy)
      repo.write({ 'copy/w/x.py': '' })
      repo.gitIn(copy, 'add', 'w/x.py')
      return { cwd: copy }
    },
    code: 65,
    says: /w\/CONTEXT\.md/,
  },
  {
    name: 'the kill switch is obeyed and said',
    prepare: (repo) => {
      repo.add({ 'a/x.py': '' })
      return { env: { VECTRA_CONTEXT_SKIP: '1' } }
    },
    code: 0,
    says: /skipped/,
  },
]

test(`there are at least 30 situations (${SITUATIONS.length})`, () => expect(SITUATIONS.length).toBeGreaterThanOrEqual(30))

test.each(SITUATIONS)('staged check: $name', async ({ prepare, code, says, init }) => {
  using repo = new GitRepository(init)
  const { cwd, env } = prepare(repo) ?? {}
  const before = repo.fingerprint()
  const result = await repo.run(['check', '--staged'], {
    ...(cwd === undefined ? {} : { cwd }),
    ...(env === undefined ? {} : { env }),
  })
  expect({ code: result.code, text: result.out + result.err }).toMatchObject({
    code,
    ...(says === undefined ? {} : { text: expect.stringMatching(says) as unknown }),
  })
  expect(repo.fingerprint()).toBe(before)
})

test('the work tree check leaves every byte alone too', async () => {
  using repo = new GitRepository()
  repo.commit(BASE).write({ 'app/main.py': 'from lib.base import Base\n# edited\n' })
  const before = repo.fingerprint()
  expect((await repo.run(['check'])).code).toBe(0)
  expect((await repo.run(['check', '--json'])).code).toBe(0)
  expect(repo.fingerprint()).toBe(before)
})

test('a file that was only touched is no change', async () => {
  using repo = new GitRepository()
  repo.commit({ ...BASE, 'app/other.py': 'x = 1\n', 'app/third.py': 'x = 1\n' })
  for (const path of ['app/main.py', 'app/other.py']) utimesSync(join(repo.root, path), 1_000_000_000, 1_000_000_000)
  repo.add({ 'app/third.py': 'x = 3\n' })
  expect(await changesSince(repo.root, 'HEAD', 'worktree')).toEqual([{ status: 'M', path: 'app/third.py', from: null }])
  repo.write({ 'app/other.py': 'x = 2\n' })
  expect((await changesSince(repo.root, 'HEAD', 'worktree')).map((change) => change.path)).toEqual([
    'app/other.py',
    'app/third.py',
  ])
})

test('what lies behind a folder that became a link out of the repository is not read', async () => {
  using repo = new GitRepository()
  using other = new GitRepository()
  other.write({ 'lib/base.py': 'class Base: pass\n', 'lib/CONTEXT.md': contextText(['./secret.py', 'Imports from']) })
  repo.commit(BASE)
  rmSync(join(repo.root, 'lib'), { recursive: true })
  repo.link('lib', join(other.root, 'lib'))
  const { code, out } = await repo.run(['check'])
  expect(code).toBe(65)
  expect(out).toContain('`../lib/base.py` does not exist')
  expect(out).not.toContain('secret.py')
  expect((await repo.run(['show', 'lib'])).out).not.toContain('secret.py')
})

test('outside of git a folder is checked, and --staged is refused with the reason', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'vectra-context-plain-'))
  using repo = new GitRepository()
  repo.env = { ...repo.env, GIT_CEILING_DIRECTORIES: tmpdir() }
  try {
    const staged = await repo.run(['check', '--staged'], { cwd: folder })
    expect(staged).toMatchObject({ code: 1, err: expect.stringContaining('not inside a git repository') as unknown })
    expect((await repo.run(['check'], { cwd: folder })).code).toBe(0)
  } finally {
    rmSync(folder, { recursive: true })
  }
})
