import type { CodeDocument, DocumentSource } from '../src/index.ts'
import { codeDocument, memorySource } from './memory-source.ts'

/** Documents in scopes of five; every generation edits, adds and removes some, so that a run has all three to do. */
export function killCorpus(count: number, generation: number): DocumentSource<'code_context'> {
  const scopes = new Map<string, readonly CodeDocument[]>()
  for (let scope = 0; scope * 5 < count; scope++) {
    if (generation > 0 && (scope + generation) % 11 === 0) continue
    const edited = (scope + generation) % 3 === 0 ? generation : 0
    const size = (scope + generation) % 7 === 0 ? 4 : 5
    scopes.set(
      `scope-${scope}`,
      Array.from({ length: size }, (_, at) => codeDocument(`d${at}`, `scope ${scope} document ${at} edit ${edited}`)),
    )
  }
  return memorySource('code_context', scopes)
}
