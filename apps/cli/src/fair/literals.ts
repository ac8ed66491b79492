/** `JSON.parse` with what a reviver is told beside key and value: the number as it was written. TypeScript's library does not know it yet. */
const parse = JSON.parse as (
  text: string,
  reviver: (key: string, value: unknown, context: { source?: string }) => unknown,
) => unknown

/** `JSON.parse` whose numbers keep their digits: `{ text }`, as `@vectra/game` takes them. */
export function parseLiterals(text: string): unknown {
  return parse(text, (_key, value, { source }) => (typeof value === 'number' ? { text: source ?? String(value) } : value))
}
