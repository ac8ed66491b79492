import { encodeRecord } from '@vectra/event-store'

/**
 * A record of the query layer as a JSON object: keys in snake_case like the columns, money exact, times ISO 8601 in UTC.
 *
 * Every `--json` answer is made of these, so that a key means the same in `vectra games --json` and in SQL.
 */
export function jsonRecord(record: object): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(encodeRecord(record)).map(([key, value]) => [snakeCase(key), value]))
}

function snakeCase(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}
