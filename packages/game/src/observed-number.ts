import { Money } from './money.ts'

/**
 * A number as it was recorded: a double, or its literal text (alone or in a parsed-number object).
 *
 * Literals are compared digit by digit: two 17-digit literals can be one double, so only the text shows that one digit of it was changed.
 */
export type ObservedNumber = number | string | { readonly text: string }

/** Recorded number as a double. `NaN` for text that is no number. */
export function toDouble(observed: ObservedNumber): number {
  if (typeof observed === 'number') return observed
  const text = literalOf(observed)
  return text.trim() === '' ? Number.NaN : Number(text)
}

/** Recorded number as it was written. */
export function literalOf(observed: ObservedNumber): string {
  return typeof observed === 'object' ? observed.text : String(observed)
}

/** Whether the recorded number is exactly this double: `===`, and for literals the same decimal value as its shortest text. */
export function isSameNumber(observed: ObservedNumber, computed: number): boolean {
  const value = toDouble(observed)
  if (value !== computed) return false
  if (typeof observed === 'number') return true
  const text = literalOf(observed)
  return text === String(computed) || new Money(text).eq(new Money(String(computed)))
}

/** Whether two recordings are the same number: the same double, and, where both are literals, the same decimal value. */
export function isSameObserved(a: ObservedNumber, b: ObservedNumber): boolean {
  if (a === b) return true
  if (toDouble(a) !== toDouble(b)) return false
  if (typeof a === 'number' || typeof b === 'number') return true
  return literalOf(a) === literalOf(b) || new Money(literalOf(a)).eq(new Money(literalOf(b)))
}
