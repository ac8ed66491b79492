import { createRequire } from 'node:module'
import type { Language, Parser, Query } from 'web-tree-sitter'
import { ContextToolsError } from '../errors.ts'
import type { BusPatterns, FileFacts } from './facts.ts'
import { PYTHON_QUERY, walkPython } from './python-walk.ts'

let loaded: { readonly parser: Parser; readonly query: Query } | null = null

/** Loads the Python grammar once (WebAssembly, no native build); later calls are free. @throws ContextToolsError CONTEXT_GRAMMAR_FAILED */
export async function loadPython(): Promise<void> {
  if (loaded !== null) return
  try {
    const treeSitter = await import('web-tree-sitter')
    await treeSitter.Parser.init()
    const grammar = createRequire(import.meta.url).resolve('@vscode/tree-sitter-wasm/wasm/tree-sitter-python.wasm')
    const language: Language = await treeSitter.Language.load(grammar)
    const fresh = new treeSitter.Parser()
    fresh.setLanguage(language)
    loaded = { parser: fresh, query: new treeSitter.Query(language, PYTHON_QUERY) }
  } catch (cause) {
    throw new ContextToolsError(
      'CONTEXT_GRAMMAR_FAILED',
      'the Python grammar could not be loaded: reinstall @vscode/tree-sitter-wasm',
      { cause },
    )
  }
}

/** Facts of one Python file. Call {@link loadPython} first. */
export function extractPython(path: string, text: string, bus: BusPatterns): FileFacts {
  if (loaded === null) throw new TypeError('loadPython() has to be awaited first')
  const tree = loaded.parser.parse(text)
  if (tree === null) throw new ContextToolsError('CONTEXT_GRAMMAR_FAILED', `${path} could not be parsed`)
  try {
    const nodes = loaded.query.captures(tree.rootNode).map((capture) => capture.node)
    return walkPython(tree.rootNode, nodes, bus)
  } finally {
    tree.delete()
  }
}
