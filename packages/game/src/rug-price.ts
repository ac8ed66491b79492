/** What is left of the lowest price when the game rugs: `1 - 0.98` as a double, 0.020000000000000018. */
export const RUG_FACTOR = 1 - 0.98

/**
 * Price at the rug: the lowest price of the game before it, the 1 of tick 0 included, times `1 - 0.98`, in doubles.
 *
 * @param pricesBeforeRug all prices from tick 0 on, without the rug price; at least one
 * @see domain reference, section 8.5 (bit-exact in 46 of 46 seeded and 835 of 835 recorded games)
 */
export function rugPrice(pricesBeforeRug: Iterable<number>): number {
  let lowest = Number.POSITIVE_INFINITY
  for (const price of pricesBeforeRug) if (price < lowest) lowest = price
  if (lowest === Number.POSITIVE_INFINITY) throw new TypeError('rugPrice needs at least the price of tick 0')
  return lowest * RUG_FACTOR
}
