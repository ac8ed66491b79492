/** ISO 8601 in UTC with six decimals of a time in microseconds, e.g. `2025-12-15T01:17:03.000250Z`; years 0 to 9999. */
export function isoMicros(micros: number | bigint): string {
  if (typeof micros === 'number' && !Number.isFinite(micros)) return micros > 0 ? 'infinity' : '-infinity'
  const value = BigInt(micros)
  const millis = value >= 0n ? value / 1000n : -((999n - value) / 1000n)
  const date = new Date(Number(millis))
  if (Number.isNaN(date.getTime())) return `${value}us`
  const rest = String(value - millis * 1000n).padStart(3, '0')
  return `${date.toISOString().slice(0, -1)}${rest}Z`
}
