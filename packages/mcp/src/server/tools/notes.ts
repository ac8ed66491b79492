import { z } from 'zod'
import { ADDS, defineTool } from '../tool.ts'
import { present } from './events.ts'

const list = (most: number) => z.array(z.string().min(1).max(400)).max(most).default([])

/** Writes a note. */
export const debugNoteAdd = defineTool({
  name: 'debug_note_add',
  title: 'Write a debug note',
  description:
    'Writes a note into the event store, durably: what was found, tried or decided, for whoever comes later. The first line is the title. Notes cannot be changed or removed here. It is found by debug_notes_search after the next index run.',
  annotations: ADDS,
  available: (ports) => ports.notes !== undefined,
  input: z.strictObject({
    text: z.string().trim().min(3).max(10_000),
    author: z.string().min(1).max(100).default('agent'),
    tags: list(20),
    games: list(20).describe('ids of games it is about'),
    files: list(50).describe('paths it is about'),
    events: list(50).describe('events it is about, <session id>:<seq>'),
  }),
  output: z.object({ session_id: z.string(), seq: z.int(), durable: z.boolean() }),
  async run(note, { ports }) {
    const stored = await present(ports.notes).add(note)
    return { ...stored, durable: true }
  },
})
