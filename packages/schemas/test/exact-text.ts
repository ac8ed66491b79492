import { type ExactJson, type JsonPath, NumberLiteral } from '../src/index.ts'

/** JSON text without insignificant white space, strings in `JSON.stringify`'s spelling. An oracle of its own: shares no code with the parser. */
export function compact(text: string): string {
  return text.replace(/"(?:[^"\\]|\\.)*"|\s+/gs, (token) => (token.startsWith('"') ? JSON.stringify(JSON.parse(token)) : ''))
}

/** Every number of a value: its path and its literal. */
export function* withLiterals(value: ExactJson, path: JsonPath = []): Generator<readonly [JsonPath, string]> {
  if (value instanceof NumberLiteral) yield [path, value.text]
  else if (Array.isArray(value)) for (const [index, item] of value.entries()) yield* withLiterals(item, [...path, index])
  else if (value instanceof Map) for (const [name, member] of value) yield* withLiterals(member, [...path, name as string])
}
