/** Is `value` a JSON object (not null, not an array)? */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Own string member of a JSON object; undefined when absent or something else. Never reads a prototype. */
export function ownString(value: unknown, key: string): string | undefined {
  if (!isRecord(value) || !Object.hasOwn(value, key)) return undefined
  const member = value[key]
  return typeof member === 'string' ? member : undefined
}
