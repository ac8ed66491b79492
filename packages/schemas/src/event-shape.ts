import { z } from 'zod'
import { eventDefinition } from './event-map.ts'

/** Kind of a JSON value. */
export type JsonKind = 'null' | 'boolean' | 'number' | 'string' | 'array' | 'object'

/**
 * The fields that an event's schema names, and the kinds of value each may have; `any` where it does not say.
 *
 * Paths: `` is the payload, `leaderboard[].sideBet` a member of each element, `crateKeys.*` each value of an object whose keys are data.
 */
export type EventShape = ReadonlyMap<string, ReadonlySet<JsonKind | 'any'>>

const shapes = new Map<string, EventShape | null>()

/** The shape of an event's payload; null when the name is unknown or its payload was never captured. */
export function eventShape(name: string): EventShape | null {
  const known = shapes.get(name)
  if (known !== undefined) return known
  const definition = eventDefinition(name)
  if (!definition) return null
  const shape = new Map<string, Set<JsonKind | 'any'>>()
  collect(z.toJSONSchema(definition.schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema, '', shape)
  const told = shape.get('')?.has('any') === true ? null : shape
  shapes.set(name, told)
  return told
}

/** What is read of a JSON Schema. */
interface JsonSchema {
  readonly type?: string | readonly string[]
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly anyOf?: readonly JsonSchema[]
  readonly oneOf?: readonly JsonSchema[]
  readonly allOf?: readonly JsonSchema[]
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly propertyNames?: JsonSchema
  readonly additionalProperties?: JsonSchema | boolean
  readonly items?: JsonSchema | boolean
  readonly prefixItems?: readonly JsonSchema[]
}

function collect(schema: JsonSchema, path: string, into: Map<string, Set<JsonKind | 'any'>>): void {
  const kinds = into.get(path) ?? new Set()
  into.set(path, kinds)
  const branches = [...(schema.anyOf ?? []), ...(schema.oneOf ?? []), ...(schema.allOf ?? [])]
  for (const branch of branches) collect(branch, path, into)
  for (const type of typeof schema.type === 'string' ? [schema.type] : (schema.type ?? [])) kinds.add(kindOfType(type))
  if ('const' in schema) kinds.add(jsonKind(schema.const))
  for (const value of schema.enum ?? []) kinds.add(jsonKind(value))
  if (kinds.size === 0 && branches.length === 0) kinds.add('any')
  for (const [key, member] of Object.entries(schema.properties ?? {})) collect(member, memberPath(path, key), into)
  if (schema.propertyNames !== undefined && typeof schema.additionalProperties === 'object')
    collect(schema.additionalProperties, memberPath(path, '*'), into)
  for (const item of [...(typeof schema.items === 'object' ? [schema.items] : []), ...(schema.prefixItems ?? [])])
    collect(item, `${path}[]`, into)
}

function kindOfType(type: string): JsonKind {
  return type === 'integer' ? 'number' : (type as JsonKind)
}

function memberPath(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`
}

/** Kind of a value that `JSON.parse` gave. */
export function jsonKind(value: unknown): JsonKind {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  const kind = typeof value
  return kind === 'string' || kind === 'number' || kind === 'boolean' ? kind : 'object'
}
