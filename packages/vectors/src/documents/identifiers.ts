const WORD = /[A-Za-z][A-Za-z0-9]*(?:[_/.:-]+[A-Za-z0-9]+)*/g

/** True for what a programmer would call a name: `playerUpdate`, `game_id`, `standard/newTrade`, `events.lance`, `P11`, an id. */
export function isIdentifier(word: string): boolean {
  if (/^[`'"(]*$/.test(word)) return false
  const bare = word.replace(/^[`'"(]+|[`'"),.?!:;]+$/g, '')
  if (bare.length < 2) return false
  if (/[_/]/.test(bare) && /^[\w/.$@:-]+$/.test(bare)) return true
  if (/^[\w$]{2,}(?:\.[\w$]+)+$/.test(bare) && /[A-Za-z]/.test(bare)) return true
  if (/[a-z0-9][A-Z]/.test(bare) && /^[\w$]+$/.test(bare)) return true
  if (/^[A-Z][A-Z0-9]{2,}$/.test(bare)) return true
  return /^[0-9a-f-]{8,}$/i.test(bare) && /\d/.test(bare)
}

/** The words inside a name: `standard/newTrade` → standard, new, trade. Lower case. */
export function splitIdentifier(name: string): string[] {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1 $2')
    .split(/[^A-Za-z0-9]+/)
    .filter((part) => part.length > 0)
    .map((part) => part.toLowerCase())
}

/** The words inside all names of a text that the tokenizer of the full-text index would leave whole; each once, in order. */
export function identifierWords(text: string): string[] {
  const found = new Set<string>()
  for (const [name] of text.matchAll(WORD)) {
    if (!/[a-z0-9][A-Z]|[A-Z]{2,}[a-z]|[_/.]/.test(name)) continue
    const parts = splitIdentifier(name)
    if (parts.length > 1) for (const part of parts) if (part.length > 1) found.add(part)
  }
  return [...found]
}
