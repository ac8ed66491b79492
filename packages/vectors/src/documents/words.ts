import type { Decimal, Micros } from '@vectra/schemas'

/** An amount in SOL, every digit. */
export const sol = (amount: Decimal | null): string => (amount === null ? 'an unknown amount' : `${amount.toFixed()} SOL`)

/** A price as a multiple, every digit. */
export const multiple = (price: Decimal | null): string => (price === null ? 'an unknown price' : `${price.toFixed()}x`)

/** A price for reading: four significant digits or more, as many as its whole part needs. */
export const about = (price: Decimal): string =>
  `${price.toSignificantDigits(Math.max(4, price.trunc().toFixed().length)).toFixed()}x`

/** UTC, to the second. */
export const when = (ts: Micros): string => `${new Date(Math.floor(ts / 1000)).toISOString().slice(0, 19).replace('T', ' ')} UTC`

/** `1 tick`, `2 ticks`. */
export const count = (value: number, unit: string): string => `${value} ${unit}${value === 1 ? '' : 's'}`

/** A span of microseconds in the unit that fits. */
export function span(micros: number): string {
  const seconds = micros / 1_000_000
  if (seconds < 1) return `${Math.round(micros / 1000)} ms`
  if (seconds < 120) return `${Math.round(seconds * 10) / 10} seconds`
  return seconds < 7_200 ? `${Math.round(seconds / 6) / 10} minutes` : `${Math.round(seconds / 360) / 10} hours`
}
