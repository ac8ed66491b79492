/** A JSON object of unknown shape. */
export type JsonObject = Readonly<Record<string, unknown>>

/** The text as a JSON object, `null` when it is none. */
export function jsonOf(text: string): JsonObject | null {
  try {
    const json: unknown = JSON.parse(text)
    return typeof json === 'object' && json !== null && !Array.isArray(json) ? (json as JsonObject) : null
  } catch {
    return null
  }
}
