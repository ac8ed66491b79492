const BARS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█']

/**
 * A price path as one line of bars, at most `width` long, on a logarithmic scale: a game runs from 0.02 to 1000.
 *
 * Each bar shows the highest value of its stretch, so that a peak is never averaged away.
 */
export function sparkline(values: readonly number[], width = 60): string {
  const shown = values.filter((value) => Number.isFinite(value) && value > 0)
  if (shown.length === 0) return ''
  const length = Math.min(width, shown.length)
  const peaks = Array.from({ length }, (_, bar) => {
    const from = Math.floor((bar * shown.length) / length)
    const to = Math.max(from + 1, Math.floor(((bar + 1) * shown.length) / length))
    return Math.max(...shown.slice(from, to))
  })
  const low = Math.log(Math.min(...peaks))
  const high = Math.log(Math.max(...peaks))
  return peaks
    .map((value) => BARS[high === low ? 0 : Math.round(((Math.log(value) - low) / (high - low)) * (BARS.length - 1))])
    .join('')
}
