import { ContextToolsError } from '../errors.ts'
import { BlobReader } from './blob-reader.ts'
import { git, nulList, runGit } from './git.ts'
import { foldersOf, type RepoView } from './view.ts'

const EMPTY_BLOBS = new Set([
  'e69de29bb2d1d6434b8b29ae775ad8c2e48c5391',
  '473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813',
])

/** How a path differs between the index and `HEAD`. */
export interface StagedChange {
  readonly status: 'A' | 'C' | 'M' | 'R' | 'D' | 'T' | 'U'
  readonly path: string
  /** Old path of a rename or copy. */
  readonly from: string | null
}

/**
 * The repository as the index has it: what a commit made now would contain.
 *
 * Conflicted paths show our side; entries added with `--intent-to-add` are left out, because a commit would not hold them.
 */
export async function openIndexView(root: string): Promise<RepoView> {
  const entries = new Map<string, string>()
  for (const entry of nulList(await git(root, ['ls-files', '--stage', '-z']))) {
    const tab = entry.indexOf('\t')
    const [mode, oid, stage] = entry.slice(0, tab).split(' ')
    const path = entry.slice(tab + 1)
    if (oid === undefined || !mode?.startsWith('100')) continue
    if (stage === '0' || stage === '2' || (stage === '3' && !entries.has(path))) entries.set(path, oid)
  }
  if ([...entries.values()].some((oid) => EMPTY_BLOBS.has(oid))) {
    for (const path of await intentToAdd(root)) entries.delete(path)
  }
  return treeView(root, 'index', entries)
}

/** The repository as a commit has it. @throws ContextToolsError CONTEXT_GIT_FAILED for an unknown revision */
export async function openCommitView(root: string, revision: string): Promise<RepoView> {
  const named = await runGit(root, ['rev-parse', '--verify', '--end-of-options', `${revision}^{commit}`])
  if (named.code !== 0)
    throw new ContextToolsError(
      'CONTEXT_GIT_FAILED',
      `"${revision}" is no commit of ${root}: name a commit, branch or tag it has`,
      {
        context: { root, revision, stderr: named.stderr },
      },
    )
  const commit = named.stdout.toString('utf8').trim()
  const entries = new Map<string, string>()
  for (const entry of nulList(await git(root, ['ls-tree', '-r', '-z', '--full-tree', commit]))) {
    const tab = entry.indexOf('\t')
    const [mode, , oid] = entry.slice(0, tab).split(' ')
    if (oid !== undefined && mode?.startsWith('100')) entries.set(entry.slice(tab + 1), oid)
  }
  return treeView(root, 'commit', entries)
}

/** Differences between the index and `HEAD`, or the empty tree before the first commit. */
export async function stagedChanges(root: string): Promise<StagedChange[]> {
  const parts = nulList(
    await git(root, [
      'diff',
      '--cached',
      '--name-status',
      '-z',
      '-M',
      '--no-ext-diff',
      '--no-relative',
      '--ignore-submodules=all',
      '--diff-filter=ACMRDTU',
    ]),
  )
  return changesOf(parts)
}

/** Differences between a revision and the work tree, the index (`staged`) or another revision. */
export async function changesSince(root: string, base: string, target: 'worktree' | 'index' | string): Promise<StagedChange[]> {
  const changes = await differences(root, base, target)
  if (target !== 'worktree' || !changes.some((change) => change.status === 'M')) return changes
  // Without a refreshed index git lists files that were only touched: their content has to differ somewhere.
  const [staged, modified] = await Promise.all([
    differences(root, base, 'index'),
    git(root, ['ls-files', '--modified', '--full-name', '-z', '--', ':/']),
  ])
  const real = new Set([...staged.map((change) => change.path), ...nulList(modified)])
  return changes.filter((change) => change.status !== 'M' || real.has(change.path))
}

async function differences(root: string, base: string, target: 'worktree' | 'index' | string): Promise<StagedChange[]> {
  const to = target === 'worktree' ? [] : target === 'index' ? ['--cached'] : [target]
  return changesOf(
    nulList(
      await git(root, [
        'diff',
        '--name-status',
        '-z',
        '-M',
        '--no-ext-diff',
        '--no-relative',
        '--ignore-submodules=all',
        base,
        ...to,
        '--',
      ]),
    ),
  )
}

function changesOf(parts: readonly string[]): StagedChange[] {
  const changes: StagedChange[] = []
  for (let at = 0; at < parts.length; ) {
    const status = (parts[at++] as string).charAt(0) as StagedChange['status']
    const first = parts[at++]
    const second = status === 'R' || status === 'C' ? parts[at++] : undefined
    if (first === undefined) break
    changes.push({ status, path: second ?? first, from: second === undefined ? null : first })
  }
  return changes
}

async function intentToAdd(root: string): Promise<string[]> {
  const list = async (flag: string) => {
    const { code, stdout } = await runGit(root, [
      'diff',
      '--cached',
      '--name-only',
      '-z',
      '--diff-filter=A',
      '--no-renames',
      flag,
    ])
    return code === 0 ? nulList(stdout) : []
  }
  const [visible, hidden] = await Promise.all([list('--ita-visible-in-index'), list('--ita-invisible-in-index')])
  const real = new Set(hidden)
  return visible.filter((path) => !real.has(path))
}

function treeView(root: string, kind: RepoView['kind'], entries: ReadonlyMap<string, string>): RepoView {
  const reader = new BlobReader(root)
  const paths = new Set(entries.keys())
  let folders: Set<string> | null = null
  return {
    root,
    kind,
    paths,
    get folders() {
      folders ??= foldersOf(paths)
      return folders
    },
    async read(path) {
      const oid = entries.get(path)
      return oid === undefined ? null : reader.read(oid)
    },
    blobId: (path) => entries.get(path),
    [Symbol.asyncDispose]: () => reader[Symbol.asyncDispose](),
  }
}
