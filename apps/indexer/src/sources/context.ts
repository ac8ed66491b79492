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
  return {
    table: 'code_context',
    position: () => `${files} files of ${repoDir}`,
    async *scopes() {
      for (const file of await repositoryFiles(repoDir, (path) => IS_CONTEXT.test(path))) {
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
