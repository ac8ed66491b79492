const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g
/** Zero-width, direction and tag characters: invisible, and able to hide or reorder what a reader sees. */
const INVISIBLE = /[\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]/gu
const ANSI = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[@-Z\\-_])/g

/** Text of strangers as it may be shown: no terminal sequences, no invisible characters, whole code points. */
export function plainText(text: string): string {
  return text.replace(ANSI, '').replace(CONTROL, '').replace(INVISIBLE, '').toWellFormed()
}

/** The same for every string inside a JSON value, keys included. */
export function plainValue(value: unknown): unknown {
  if (typeof value === 'string') return plainText(value)
  if (Array.isArray(value)) return value.map(plainValue)
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [plainText(key), plainValue(item)]))
  return value
}
