import { contextDocuments, type DocumentSource } from '@vectra/vectors'
import { repositoryFiles } from './repository-files.ts'

const IS_CONTEXT = /(?:^|\/)(?:[^/]+\.)?CONTEXT\.md$/

/** True for a file whose change concerns the index. */
export function isIndexedFile(path: string): boolean {
  return IS_CONTEXT.test(path) || /^docs\/protocol(?:\.md$|\/)/.test(path)
}

/** The documents of the `code_context` table: the CONTEXT.md files of a repository, each a scope of its own. */
export function contextSource(repoDir: string): DocumentSource<'code_context'> {
  let files = 0
  let total: number | undefined
  return {
    table: 'code_context',
    total: () => total,
    position: () => `${files} files of ${repoDir}`,
    async *scopes() {
      const found = await repositoryFiles(repoDir, (path) => IS_CONTEXT.test(path))
      total = found.length
      for (const file of found) {
        files++
        yield {
          scope: file.path,
          version: file.version,
          load: async () => ({ documents: contextDocuments(file.path, await file.read()) }),
        }
      }
    },
  }
}
