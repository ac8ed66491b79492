import { createHash } from 'node:crypto'
import { VectorsError } from '../errors.ts'
import { cleanText } from './clean.ts'
import type { AnyDocument, DocumentOf, TableName } from './document.ts'
import { identifierWords } from './identifiers.ts'
import { estimateTokens, PASSAGE_TOKENS, splitPassages } from './passages.ts'

/** Version of everything that turns a document into rows: cleaning, passages, the two texts. Part of the table's fingerprint. */
export const DOCUMENT_RULES = 1

/** One row to be, without its vector. */
export interface Entry<Document extends AnyDocument = AnyDocument> {
  /** `<scope>#<document>` and `~<n>` from the second passage on: unique in the table. */
  readonly id: string
  readonly scope: string
  /** sha256 of everything that is stored but the vector. */
  readonly hash: string
  readonly title: string
  readonly headingPath: string
  readonly body: string
  /** For BM25: whole heading path, body, and the words inside names. */
  readonly ftsText: string
  /** For the model: the last two headings and the body. */
  readonly embedText: string
  readonly document: Document
}

const HEADING_CHARS = 160

/**
 * The rows of one document: one, or several passages of at most 200 tokens.
 *
 * @throws VectorsError VECTORS_WRONG_TABLE for a document of another kind, VECTORS_DOCUMENT_INVALID for one without id or text
 */
export function entriesOf<Table extends TableName>(
  table: Table,
  scope: string,
  document: DocumentOf[Table],
): Entry<DocumentOf[Table]>[] {
  if (document.table !== table) {
    throw new VectorsError('VECTORS_WRONG_TABLE', `a ${document.table} document cannot be written to ${table}`, {
      context: { table, given: document.table, id: document.id },
    })
  }
  const headings = document.headings.map((heading) => oneLine(heading)).filter((heading) => heading !== '')
  const body = cleanText(document.body).trim()
  if (document.id === '' || (body === '' && headings.length === 0)) {
    throw new VectorsError('VECTORS_DOCUMENT_INVALID', `a document of ${scope} has no ${document.id === '' ? 'id' : 'text'}`, {
      context: { table, scope, id: document.id },
    })
  }
  const lead = headings.slice(-2).join(' - ')
  const passages = splitPassages(body, Math.max(PASSAGE_TOKENS / 2, PASSAGE_TOKENS - estimateTokens(lead)))
  const headingPath = headings.join(' > ')
  return (passages.length === 0 ? [''] : passages).map((passage, index) => {
    const row = {
      id: `${scope}#${document.id}${index === 0 ? '' : `~${index + 1}`}`,
      scope,
      title: headings.at(-1) ?? '',
      headingPath,
      body: passage,
    }
    const searched = `${headingPath}\n${passage}`
    const words = identifierWords(searched)
    return {
      ...row,
      hash: contentHash([row.id, row.scope, row.headingPath, passage, index, columnsOf(document)]),
      ftsText: words.length === 0 ? searched : `${searched}\n${words.join(' ')}`,
      embedText: [lead, passage].filter((part) => part !== '').join('\n'),
      document,
    }
  })
}

function oneLine(text: string): string {
  return cleanText(text).replace(/\s+/g, ' ').trim().slice(0, HEADING_CHARS).toWellFormed()
}

/** What of a document stands in typed columns: all but its texts, in a fixed order. */
function columnsOf({ body: _body, headings: _headings, ...columns }: AnyDocument): unknown {
  return Object.entries(columns)
    .filter(([, value]) => value !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
}

function contentHash(parts: readonly unknown[]): string {
  return createHash('sha256')
    .update(JSON.stringify([DOCUMENT_RULES, ...parts]))
    .digest('hex')
    .slice(0, 32)
}
