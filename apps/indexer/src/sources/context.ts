import { contextDocuments, type DocumentSource } from '@vectra/vectors'
import { repositoryFiles, repositoryState } from './repository-files.ts'
import { shortHash } from './stamp.ts'
import { repositoryVerdicts, type Verdicts } from './verdicts.ts'

const IS_CONTEXT = /(?:^|\/)(?:[^/]+\.)?CONTEXT\.md$/

/** True for a file whose text is indexed. */
export function isIndexedFile(path: string): boolean {
  return IS_CONTEXT.test(path) || isProtocolPage(path)
}

/** True for a page about the protocol: it stands in the `events` table. */
export function isProtocolPage(path: string): boolean {
  return /^docs\/protocol(?:\.md$|\/)/.test(path)
}

/** True for code: what is said about it may have become false, or true. */
export function isJudgedFile(path: string): boolean {
  return /\.(?:[cm]?[jt]sx?|pyi?)$/.test(path)
}

/** What the documents of a repository are made from. */
export interface ContextSourceOptions {
  /** Absolute folders below the root that are none of the repository's, such as a data directory. */
  readonly except?: readonly string[] | undefined
  /** Who judges the relations. Default `@vectra/context-tools`. */
  readonly verdicts?: ((repoDir: string) => Promise<Verdicts>) | undefined
}

/**
 * The documents of the `code_context` table: the CONTEXT.md files of a repository, each a scope of its own, every relation with
 * the verdict of a check against the code. While no file of the repository changes, its stamp stays, and nothing is read.
 */
export async function contextSource(
  repoDir: string,
  { except = [], verdicts = repositoryVerdicts }: ContextSourceOptions = {},
): Promise<DocumentSource<'code_context'>> {
  let files = 0
  let total: number | undefined
  let notice = ''
  return {
    table: 'code_context',
    stamp: shortHash([repoDir, await repositoryState(repoDir, except)]),
    total: () => total,
    position: () => `${files} files of ${repoDir}${notice}`,
    async *scopes() {
      const found = await repositoryFiles(repoDir, (path) => IS_CONTEXT.test(path), except)
      total = found.length
      const judged = await verdicts(repoDir)
      if (judged.why !== undefined) notice = `, without verdicts: ${judged.why}`
      for (const file of found) {
        files++
        const rows = judged.of(file.path)
        yield {
          scope: file.path,
          version: `${file.version}.${rows.size === 0 ? '' : shortHash([...rows])}`,
          load: async () => ({ documents: contextDocuments(file.path, await file.read(), (line) => rows.get(line)) }),
        }
      }
    },
  }
}

/** The text that a scope of `code_context` was made from: the SHA-256 of the file. */
export function hashOfScope(version: string): string {
  return version.split('.')[0] ?? ''
}
