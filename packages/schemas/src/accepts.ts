import type { z } from 'zod'
import { isRecord } from './json-value.ts'

/** Does a parsed JSON value fit? */
export type Accepts = (value: unknown) => boolean

/**
 * Compiles a zod schema to a yes/no check of parsed JSON.
 *
 * Zod's own parse copies every object and array and allocates a result per value, which on state frames costs more than
 * `JSON.parse` itself; almost every frame is valid, and the copy is not wanted. The check is read off the schema's definition, so
 * zod stays the only statement of the shapes. It may say no where zod says yes (then zod is asked, for the issues or the
 * all-clear), never the other way round: a kind of schema it does not know is handed to zod as it is.
 */
export function compileAccepts(schema: z.core.$ZodType): Accepts {
  const { def } = (schema as z.core.$ZodTypes)._zod
  if (def.checks !== undefined && def.checks.length > 0) return askZod(schema)
  switch (def.type) {
    case 'unknown':
      return () => true
    case 'string':
      return 'format' in def ? askZod(schema) : (value) => typeof value === 'string'
    case 'number':
      if (!('format' in def)) return (value) => typeof value === 'number' && Number.isFinite(value)
      return def.format === 'safeint' ? Number.isSafeInteger : askZod(schema)
    case 'boolean':
      return (value) => value === true || value === false
    case 'nullable': {
      const inner = compileAccepts(def.innerType)
      return (value) => value === null || inner(value)
    }
    case 'optional': {
      const inner = compileAccepts(def.innerType)
      return (value) => value === undefined || inner(value)
    }
    case 'union': {
      const options = def.options.map(compileAccepts)
      return (value) => options.some((accepts) => accepts(value))
    }
    case 'array':
      return arrayOf(compileAccepts(def.element))
    case 'record':
      return def.keyType._zod.def.type === 'string' && !def.keyType._zod.def.checks?.length
        ? recordOf(compileAccepts(def.valueType))
        : askZod(schema)
    case 'object':
      return def.catchall?._zod.def.type === 'unknown' ? looseObject(def.shape) : askZod(schema)
    default:
      return askZod(schema)
  }
}

function askZod(schema: z.core.$ZodType): Accepts {
  return (value) => (schema as z.ZodType).safeParse(value).success
}

function arrayOf(accepts: Accepts): Accepts {
  return (value) => {
    if (!Array.isArray(value)) return false
    for (let index = 0; index < value.length; index++) if (!accepts(value[index])) return false
    return true
  }
}

function recordOf(accepts: Accepts): Accepts {
  return (value) => {
    if (!isRecord(value)) return false
    for (const key in value) if (!accepts(value[key])) return false
    return true
  }
}

function looseObject(shape: z.core.$ZodShape): Accepts {
  const members = new Map(Object.entries(shape).map(([key, schema]) => [key, compileAccepts(schema)]))
  const required = Object.entries(shape).flatMap(([key, schema]) => (schema._zod.optin === undefined ? [key] : []))
  return (value) => {
    if (!isRecord(value)) return false
    for (const key of required) if (value[key] === undefined) return false
    for (const key in value) {
      const accepts = members.get(key)
      if (accepts !== undefined && !accepts(value[key])) return false
    }
    return true
  }
}
