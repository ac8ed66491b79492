import { ACKS, EVENTS, recordedGameLineSchema, SYSTEM_EVENTS } from '@vectra/schemas'
import { z } from 'zod'

const BASE = 'https://github.com/vectra-player/vectra/tree/main/packages/schemas/json-schema'

/** All JSON Schema files by name, as text. `index.json` says which name has which file. */
export function jsonSchemaFiles(): Map<string, string> {
  const files = new Map<string, string>()
  const index = { events: {}, acks: {}, system: {}, recorded: {} } as Record<string, Record<string, string>>
  const taken = new Map<string, string>()
  const add = (group: string, name: string, stem: string, schema: z.ZodType, facts?: object) => {
    // two spellings of one name share a file: file systems need not tell upper from lower case
    const file = taken.get(stem.toLowerCase()) ?? `${stem}.json`
    ;(index[group] as Record<string, string>)[name] = file
    if (taken.has(stem.toLowerCase())) return
    taken.set(stem.toLowerCase(), file)
    const { $schema, ...body } = z.toJSONSchema(schema, { target: 'draft-2020-12', io: 'input', unrepresentable: 'any' })
    files.set(file, print({ $schema, $id: `${BASE}/${file}`, title: name, ...(facts && { 'x-vectra': facts }), ...body }))
  }
  for (const { name, schema, ...facts } of Object.values(EVENTS)) add('events', name, name.replaceAll('/', '-'), schema, facts)
  for (const { request, schema, ...facts } of Object.values(ACKS)) add('acks', request, `ack-${request}`, schema, facts)
  for (const [name, schema] of Object.entries(SYSTEM_EVENTS)) add('system', name, `system-${name}`, schema)
  add('recorded', 'line', 'recorded-game-line', recordedGameLineSchema)
  files.set('index.json', print(index))
  return files
}

function print(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`
}
