// chroma-mcp: banners on stdout before it speaks, sentinel for nothing, one block per list item.
// node chroma.ts FILE [empty|numpy|changing|dies-after-<pages>|stalls-after-<pages> MARK]   FILE holds {"collection": [{"id","text","metadata"}]}
import { readFileSync, writeFileSync } from 'node:fs'
import { initialize, serveFake, text, tool } from './wire.ts'

interface Document {
  readonly id: string
  readonly text: string | null
  readonly metadata: Readonly<Record<string, unknown>> | null
}

const [file = '', mode = '', mark = ''] = process.argv.slice(2)
const collections = JSON.parse(readFileSync(file, 'utf8')) as Readonly<Record<string, readonly Document[]>>
const NAMES =
  'list_collections create_collection peek_collection get_collection_info get_collection_count modify_collection delete_collection add_documents query_documents get_documents update_documents delete_documents'
let pages = 0

function call(name: string, args: Readonly<Record<string, unknown>>): object | undefined {
  const documents = collections[String(args['collection_name'])]
  if (name === 'chroma_list_collections') {
    const names = mode === 'empty' ? ['__NO_COLLECTIONS_FOUND__'] : Object.keys(collections).slice(Number(args['offset'] ?? 0))
    return text(...names)
  }
  if (documents === undefined)
    return { ...text(`Error executing tool ${name}: Collection [${args['collection_name']}] does not exist`), isError: true }
  if (name === 'chroma_get_collection_count') return text(String(documents.length + (mode === 'changing' && pages > 0 ? 1 : 0)))
  if (name === 'chroma_get_documents') {
    if (mode === `dies-after-${pages}`) process.exit(1)
    if (mode === `stalls-after-${pages}`) {
      writeFileSync(mark, String(process.pid))
      return undefined
    }
    pages++
    if (mode === 'numpy') return text('<numpy.ndarray object at 0x7f>')
    const offset = Number(args['offset'] ?? 0)
    const page = documents.slice(offset, offset + Number(args['limit'] ?? documents.length))
    const body = {
      ids: page.map((one) => one.id),
      embeddings: null,
      documents: page.map((one) => one.text),
      metadatas: page.map((one) => one.metadata),
    }
    return text(JSON.stringify(body, null, 2))
  }
  // Nobody may call these: they change the collection.
  process.stderr.write(`CHANGED ${name}\n`)
  return text('done')
}

process.stdout.write('Successfully initialized Chroma client\nStarting MCP server\n')
serveFake({
  initialize: initialize('chroma'),
  'tools/list': () => ({ tools: NAMES.split(' ').map((name) => tool(`chroma_${name}`)) }),
  'tools/call': ({ params }) => call(String(params?.['name']), (params?.['arguments'] ?? {}) as Record<string, unknown>),
})
