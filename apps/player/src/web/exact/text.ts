/**
 * Numbers as text, exactly: the page holds money as the digits it received, and never as a `Number`.
 *
 * A literal is what JSON allows: `12`, `-0.5`, `7.6432e-05`.
 */

/** Digits and a power of ten: value = digits × 10^-scale. */
export interface Fixed {
  readonly digits: bigint
  readonly scale: number
}

const LITERAL = /^(-?)(\d+)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/

/** How many powers of ten a literal may move its point: beyond it the text is no number of this game. */
const MAX_EXPONENT = 400

/** Reads a literal; null when it is none. */
export function parseFixed(text: string): Fixed | null {
  const match = LITERAL.exec(text)
  if (match === null) return null
  const [, sign, whole = '', fraction = '', exponent = '0'] = match
  const shift = Number(exponent)
  if (Math.abs(shift) > MAX_EXPONENT) return null
  const scale = fraction.length - shift
  const digits = BigInt(`${sign}${whole}${fraction}`)
  return scale >= 0 ? { digits, scale } : { digits: digits * 10n ** BigInt(-scale), scale: 0 }
}

/** Writes it out without an exponent; zeros at the end of a fraction go. */
export function printFixed({ digits, scale }: Fixed): string {
  const negative = digits < 0n
  const text = (negative ? -digits : digits).toString().padStart(scale + 1, '0')
  const whole = text.slice(0, text.length - scale)
  const fraction = scale === 0 ? '' : text.slice(text.length - scale).replace(/0+$/, '')
  return `${negative ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`
}

/** All digits of a literal, without an exponent. What is no number comes back as it is. */
export function plain(literal: string): string {
  const fixed = parseFixed(literal)
  return fixed === null ? literal : printFixed(fixed)
}

/** Exactly `places` decimals, cut (`down`: never more than there is) or rounded half to even. */
export function rounded(literal: string, places: number, mode: 'down' | 'even'): string {
  const fixed = parseFixed(literal)
  if (fixed === null) return literal
  const { digits, scale } = rescale(fixed, places, mode)
  const negative = digits < 0n
  const text = (negative ? -digits : digits).toString().padStart(scale + 1, '0')
  const point = text.length - scale
  return `${negative ? '\u2212' : ''}${text.slice(0, point)}${scale === 0 ? '' : `.${text.slice(point)}`}`
}

/** Short, never more than there is: three decimals, or three digits that count where those would be zero. */
export function brief(literal: string): string {
  const fixed = parseFixed(literal)
  if (fixed === null) return literal
  const leading = /^-?0\.(0*)[1-9]/.exec(printFixed(fixed))?.[1]?.length ?? 0
  return rounded(literal, leading < 3 ? 3 : leading + 3, 'down')
}

/** With a sign that is always there (`+`, a real minus), none for zero. Half to even. */
export function signed(literal: string, places: number): string {
  const text = rounded(literal, places, 'even')
  if (/^\u2212?[0.]+$/.test(text)) return text.replace('\u2212', '')
  return text.startsWith('\u2212') ? text : `+${text}`
}

/** -1, 0 or 1. What is no number counts as 0. */
export function signOf(literal: string): -1 | 0 | 1 {
  const digits = parseFixed(literal)?.digits ?? 0n
  return digits < 0n ? -1 : digits > 0n ? 1 : 0
}

/** Compares two literals by value. */
export function compare(a: string, b: string): -1 | 0 | 1 {
  const [x, y] = aligned(a, b)
  return x < y ? -1 : x > y ? 1 : 0
}

/** Sum, exact. */
export function add(a: string, b: string): string {
  const [x, y, scale] = aligned(a, b)
  return printFixed({ digits: x + y, scale })
}

/** Product, exact. */
export function multiply(a: string, b: string): string {
  const [x, y] = [parseFixed(a), parseFixed(b)]
  if (x === null || y === null) return '0'
  return printFixed({ digits: x.digits * y.digits, scale: x.scale + y.scale })
}

/** At most `places` decimals: what is beyond is cut. */
export function floorTo(literal: string, places: number): string {
  const fixed = parseFixed(literal)
  return fixed === null ? '0' : printFixed(rescale(fixed, Math.min(places, fixed.scale), 'down'))
}

function aligned(a: string, b: string): [bigint, bigint, number] {
  const [x, y] = [parseFixed(a) ?? { digits: 0n, scale: 0 }, parseFixed(b) ?? { digits: 0n, scale: 0 }]
  const scale = Math.max(x.scale, y.scale)
  return [rescale(x, scale, 'down').digits, rescale(y, scale, 'down').digits, scale]
}

function rescale({ digits, scale }: Fixed, places: number, mode: 'down' | 'even'): Fixed {
  if (places >= scale) return { digits: digits * 10n ** BigInt(places - scale), scale: places }
  const unit = 10n ** BigInt(scale - places)
  const cut = digits / unit
  if (mode === 'down') return { digits: cut, scale: places }
  const rest = (digits < 0n ? -(digits % unit) : digits % unit) * 2n
  const up = rest > unit || (rest === unit && cut % 2n !== 0n)
  return { digits: up ? cut + (digits < 0n ? -1n : 1n) : cut, scale: places }
}
