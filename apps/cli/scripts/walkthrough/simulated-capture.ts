import { createWorld } from '@vectra/simulator'

/** What a simulated recording holds. */
export interface CaptureOptions {
  readonly seed: string
  /** First moment, Unix ms. */
  readonly startAt: number
  /** Rug tick of each game. */
  readonly rugTicks: readonly number[]
  /** In which game, counted from 0, the connection is lost for some ticks in the middle. */
  readonly lostIn?: number | undefined
}

/** A recording as lines of an event log: the same options give the same text. */
export function simulatedCapture({ seed, startAt, rugTicks, lostIn }: CaptureOptions): string {
  const lines: string[] = []
  let lost = false
  const write = (event: string, data: unknown): void => {
    const ts = new Date(Math.floor(world.now())).toISOString()
    lines.push(JSON.stringify({ seq: lines.length + 1, ts, event, data }))
  }
  const world = createWorld({ seed, startAt, rugTicks, bots: 6, quirks: false, era: 'dec2025' }, (sent) => {
    if (sent.to === 'all' && !lost) write(sent.event.name, sent.event.args.length === 1 ? sent.event.args[0] : sent.event.args)
  })
  write('connect', null)
  write('gameStateUpdate', world.connectFrame())
  let games = 0
  let phase = ''
  // One round more than asked for: its first full frame reveals the seed of the last.
  while (games < rugTicks.length || phase !== 'active') {
    world.step()
    const state = world.state()
    if (phase !== 'rugged' && state.phase === 'rugged') games++
    ;({ phase } = state)
    const gone = games === lostIn && phase === 'active' && state.tick >= 20 && state.tick < 32
    if (gone !== lost) {
      if (gone) write('disconnect', 'transport close')
      lost = gone
      if (!gone) {
        write('connect', null)
        write('gameStateUpdate', world.connectFrame())
      }
    }
  }
  return `${lines.join('\n')}\n`
}
