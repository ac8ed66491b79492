/** A string in a LanceDB predicate. */
export function sqlText(value: string): string {
  return `'${value.replaceAll('\0', '').replaceAll("'", "''")}'`
}

/** `column IN (…)`; false for an empty list. */
export function anyOf(column: string, values: Iterable<string>): string {
  const list = [...values].map(sqlText)
  return list.length === 0 ? 'false' : `${column} IN (${list.join(', ')})`
}
