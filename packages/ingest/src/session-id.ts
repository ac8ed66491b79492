import type { Micros, Random } from '@vectra/schemas'

/**
 * UUIDv7 of one recording: 48 bits of milliseconds, 12 bits of the millisecond's fraction, 62 random bits.
 *
 * Ids sort by time down to a quarter of a microsecond; the last 8 hex digits are random.
 */
export function sessionIdAt(at: Micros, random: Random): string {
  return uuidV7(at, random.bytes(8))
}

/** UUIDv7 layout from a time and 8 bytes of the caller's: the same input gives the same id. */
export function uuidV7(at: Micros, tail: Uint8Array): string {
  const ms = Math.floor(at / 1000)
  const fraction = Math.floor(((at - ms * 1000) * 4096) / 1000)
  const hex = Array.from(tail.subarray(0, 8), (byte) => byte.toString(16).padStart(2, '0')).join('')
  const variant = ((Number.parseInt(hex.slice(0, 1), 16) & 0x3) | 0x8).toString(16)
  const time = ms.toString(16).padStart(12, '0')
  return `${time.slice(0, 8)}-${time.slice(8)}-7${fraction.toString(16).padStart(3, '0')}-${variant}${hex.slice(1, 4)}-${hex.slice(4, 16)}`
}
