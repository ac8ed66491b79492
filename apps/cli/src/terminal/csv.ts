/** One CSV line after RFC 4180, without its line break. A null is empty, an empty text is `""`: a reader can tell them apart. */
export function csvLine(values: readonly (string | null)[]): string {
  return values.map(csvField).join(',')
}

function csvField(value: string | null): string {
  if (value === null) return ''
  return value === '' || /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value
}
