import type { NoteDocument } from './document.ts'
import { payloadOf, type StoredEvent } from './stored-event.ts'

/** What a note says: the payload of a `debug_note` event, which is its canonical form. */
export interface NotePayload {
  readonly text: string
  readonly author: string
  readonly tags: readonly string[]
  readonly games: readonly string[]
  readonly files: readonly string[]
  /** `<session id>:<seq>` */
  readonly events: readonly string[]
}

const list = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : []

/** The document of a stored note; undefined for one without text. */
export function noteDocument(event: StoredEvent): NoteDocument | undefined {
  const payload = payloadOf(event)
  const text = payload['text']
  if (typeof text !== 'string' || text.trim() === '') return undefined
  const [first = '', ...rest] = text.trim().split('\n')
  const author = typeof payload['author'] === 'string' ? payload['author'] : 'unknown'
  const [tags, files, games] = [list(payload['tags']), list(payload['files']), list(payload['games'])]
  const links = [
    tags.length > 0 ? `Tags: ${tags.join(', ')}.` : '',
    files.length > 0 ? `Files: ${files.join(', ')}.` : '',
    games.length > 0 ? `Games: ${games.join(', ')}.` : '',
  ]
  return {
    table: 'debug_notes',
    kind: 'note',
    id: `${event.seq}`,
    headings: [first.replace(/^#+\s*/, '').slice(0, 100)],
    body: [first.length <= 100 && rest.length > 0 ? rest.join('\n') : text.trim(), links.filter((part) => part !== '').join(' ')]
      .filter((part) => part !== '')
      .join('\n\n'),
    ts: event.ts,
    sessionId: event.session_id,
    seq: event.seq,
    author,
    tags,
    games,
    files,
    events: list(payload['events']),
  }
}
