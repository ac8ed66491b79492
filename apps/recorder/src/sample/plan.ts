import { createGenerator, type Generator, type PricePath, priceParameters, pricePath, serverSeedHash } from '@vectra/game'

/** One game of the sample: its seed decides every price, so it verifies like a real one. */
export interface PlannedGame {
  readonly id: string
  readonly serverSeed: string
  readonly serverSeedHash: string
  readonly path: PricePath
}

/** Random, but the same for the same seed: ids, seeds and choices of the sample. */
export interface SampleRandom {
  /** Uniform in [0, 1). */
  readonly next: Generator
  /** `digits` lowercase hex digits. */
  hex(digits: number): string
  /** One of the items. */
  pick<T>(items: readonly [T, ...T[]]): T
}

/** The sample's only source of chance. */
export function sampleRandom(seed: string): SampleRandom {
  const next = createGenerator(seed)
  return {
    next,
    hex: (digits) => Array.from({ length: digits }, () => Math.floor(next() * 16).toString(16)).join(''),
    pick: (items) => items[Math.floor(next() * items.length)] ?? items[0],
  }
}

/**
 * A game whose rug comes between `minTicks` and `maxTicks`, with a price that moves: found by drawing seeds until one fits.
 *
 * @param date UTC day of the game, `YYYYMMDD`
 */
export function planGame(
  random: SampleRandom,
  date: string,
  { minTicks, maxTicks }: { minTicks: number; maxTicks: number },
): PlannedGame {
  const parameters = priceParameters('v3')
  for (;;) {
    const id = `${date}-${random.hex(16)}`
    const serverSeed = random.hex(64)
    const path = pricePath(serverSeed, id, parameters)
    if (path.rugTick >= minTicks && path.rugTick <= maxTicks && path.peak > 1.2) {
      return { id, serverSeed, serverSeedHash: serverSeedHash(serverSeed), path }
    }
  }
}
