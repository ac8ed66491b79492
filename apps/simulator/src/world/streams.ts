import { createGenerator } from '@vectra/game'

/** Points of a distribution: `[probability, value]`, rising; between them it is linear. */
export type Quantiles = readonly (readonly [probability: number, value: number])[]

/** Deterministic choices of one kind. Each kind draws from a stream of its own, so that one more chat line moves no price. */
export interface Stream {
  /** Uniform in [0, 1). */
  float(): number
  /** Uniform in [from, to]. */
  between(from: number, to: number): number
  /** Whole number in [from, to]. */
  integer(from: number, to: number): number
  chance(probability: number): boolean
  pick<T>(from: readonly [T, ...T[]]): T
  hex(digits: number): string
  uuid(): string
  /** A draw from a measured distribution. */
  quantile(points: Quantiles): number
}

/** The stream `name` of a simulation's seed. */
export function openStream(seed: string, name: string): Stream {
  const float = createGenerator(`${seed}/${name}`)
  const integer = (from: number, to: number): number => from + Math.floor(float() * (to - from + 1))
  const hex = (digits: number): string => {
    let text = ''
    while (text.length < digits)
      text += Math.floor(float() * 0x1_0000_0000)
        .toString(16)
        .padStart(8, '0')
    return text.slice(0, digits)
  }
  return {
    float,
    between: (from, to) => from + float() * (to - from),
    integer,
    chance: (probability) => float() < probability,
    pick: (from) => from[integer(0, from.length - 1)] ?? from[0],
    hex,
    uuid() {
      const text = hex(32)
      return `${text.slice(0, 8)}-${text.slice(8, 12)}-4${text.slice(13, 16)}-a${text.slice(17, 20)}-${text.slice(20)}`
    },
    quantile(points) {
      const at = float()
      for (let index = 1; index < points.length; index += 1) {
        const [low, high] = [points[index - 1], points[index]]
        if (low !== undefined && high !== undefined && at <= high[0]) {
          return low[1] + ((at - low[0]) / (high[0] - low[0])) * (high[1] - low[1])
        }
      }
      return points.at(-1)?.[1] ?? 0
    },
  }
}
