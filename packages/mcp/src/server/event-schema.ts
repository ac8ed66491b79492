import { eventDefinition } from '@vectra/schemas'
import { z } from 'zod'

/** JSON Schema of an event's payload as it stands on the wire; undefined for an unknown name. */
export function eventSchemaJson(name: string): Record<string, unknown> | undefined {
  const definition = eventDefinition(name)
  if (definition === undefined) return undefined
  return z.toJSONSchema(definition.schema, { io: 'input', unrepresentable: 'any' }) as Record<string, unknown>
}
