const UNITS = ['B', 'kB', 'MB', 'GB', 'TB']

/** Bytes for people, in powers of ten. */
export function bytesText(bytes: number): string {
  let value = bytes
  let unit = 0
  while (value >= 1_000 && unit < UNITS.length - 1) {
    value /= 1_000
    unit += 1
  }
  return `${value.toFixed(unit === 0 || value >= 100 ? 0 : 1)} ${UNITS[unit] ?? ''}`
}

/** Whole numbers with their thousands apart. */
export function countText(count: number): string {
  return count.toLocaleString('en')
}

/** `2025-12-12 22:17:00` of an ISO time; a dash without one. */
export function timeText(iso: string | null): string {
  return iso === null ? '—' : iso.slice(0, 19).replace('T', ' ')
}

/** How long ago, roughly. */
export function agoText(iso: string | null, now: number): string {
  if (iso === null) return 'never'
  const seconds = Math.max(0, (now - Date.parse(iso)) / 1_000)
  if (seconds < 90) return `${Math.round(seconds)} s ago`
  if (seconds < 5_400) return `${Math.round(seconds / 60)} min ago`
  if (seconds < 129_600) return `${Math.round(seconds / 3_600)} h ago`
  return `${Math.round(seconds / 86_400)} days ago`
}
