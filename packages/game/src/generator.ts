import seedrandom from 'seedrandom'

/** The next number in [0, 1), a double with 52 random bits or more. */
export type Generator = () => number

/** The game's generator: `seedrandom`'s default (ARC4) over the text, never the global one. */
export function createGenerator(seed: string): Generator {
  const next = seedrandom(seed)
  return () => next()
}
