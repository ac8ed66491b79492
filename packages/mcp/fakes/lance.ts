// LanceDB servers: node lance.ts <mcp-lance-db|lancedb-mcp-server|lance-mcp|lancedb-mcp> [nothing]
import { initialize, serveFake, text, tool } from './wire.ts'

const [dialect = 'mcp-lance-db', mode] = process.argv.slice(2)
const TOOLS: Readonly<Record<string, readonly object[]>> = {
  'mcp-lance-db': [tool('add-memory'), tool('search-memories')],
  'lancedb-mcp-server': [tool('ingest_docs'), tool('query_table'), tool('table_details')],
  'lance-mcp': [tool('catalog_search'), tool('chunks_search'), tool('all_chunks_search')],
  'lancedb-mcp': [tool('kb_add'), tool('kb_search')],
}

function answer(): object {
  if (dialect === 'mcp-lance-db') {
    return mode === 'nothing'
      ? text('No relevant memories found.')
      : text('Found these relevant memories:\n\nfirst memory\n\nsecond memory')
  }
  if (mode === 'nothing') return text('[]')
  if (dialect === 'lance-mcp')
    return text(JSON.stringify([{ pageContent: 'first', metadata: { source: 'a' } }, { pageContent: 'second' }]))
  return text(JSON.stringify({ doc: 'first', vector: [1, 2], _distance: 0.1 }), JSON.stringify({ doc: 'second' }))
}

serveFake({ initialize: initialize(dialect), 'tools/list': () => ({ tools: TOOLS[dialect] }), 'tools/call': answer })
