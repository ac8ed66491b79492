import { monitorEventLoopDelay } from 'node:perf_hooks'
import { type EventStore, openEventStore, openQuery } from '@vectra/event-store'
import { createPipeline, type Gap, type PipelineSummary, publicWsSource, systemClock, systemRandom } from '@vectra/ingest'
import { type ChaosOptions, type FaultKind, type InjectedFault, startSimulator } from '@vectra/simulator'

/** A disturbed recording, and everything needed to hold it against what was done to it. */
export interface ChaosRun {
  readonly faults: readonly InjectedFault[]
  readonly summary: PipelineSummary
  readonly gaps: readonly Gap[]
  /** Receive times (ms) of rows with schema issues, and of connections that ended. */
  readonly issues: readonly number[]
  readonly disconnects: readonly number[]
  /** Stored state frames in the order of their receipt. */
  readonly states: readonly Seen[]
  /** Stored frames by exact text, with how often each was stored. */
  readonly copies: ReadonlyMap<string, number>
  readonly storedFrames: number
  readonly simulatedMs: number
  readonly games: number
  /** Longest time that this process did not get to read: on a busy machine a frame is received that much after it was sent. */
  readonly stallMs: number
}

/** A stored state frame: when (µs), and where in its game. */
interface Seen {
  readonly at: number
  readonly gameId: string
  readonly place: number
  /** A full frame: it can lag, so its place says little. */
  readonly large: boolean
}

/** Countdown steps before 0, ticks from 0 on. */
function placeOf(state: { cooldownTimer?: number; tickCount?: number; tick?: number }): number {
  return (state.cooldownTimer ?? 0) > 0 ? -(state.cooldownTimer ?? 0) / 100 : (state.tickCount ?? state.tick ?? 0)
}

/** Records a simulated game at ×60 with faults until each of `kinds` was injected `times` times, or `simulatedMs` are over. */
export async function recordChaos(options: {
  dir: string
  chaos: ChaosOptions
  seed: string
  kinds: readonly FaultKind[]
  times: number
  simulatedMs: number
}): Promise<ChaosRun> {
  const { dir, chaos, seed } = options
  await using simulator = await startSimulator({ seed, speed: 60, chaos, waitForClient: true })
  const store: EventStore = await openEventStore({ dir })
  const pipeline = createPipeline({
    source: publicWsSource({
      url: simulator.url,
      clock: systemClock(),
      random: systemRandom(),
      staleMs: 1_000,
      backoff: { minMs: 50, maxMs: 200 },
    }),
    sink: store,
    clock: systemClock(),
    random: systemRandom(),
  })
  const loop = monitorEventLoopDelay({ resolution: 10 })
  loop.enable()
  const stop = new AbortController()
  let heard: string | null = null
  const hearing = (async () => {
    for await (const { event_name: name, _game_id: gameId } of pipeline.bus.subscribe())
      if (name === 'gameStateUpdate') heard = gameId
  })()
  const running = pipeline.run(stop.signal)
  let from = Number.NaN
  const enough = (): boolean => {
    const faults = simulator.control.faults()
    return options.kinds.every((kind) => faults.filter((fault) => fault.kind === kind).length >= options.times)
  }
  await simulator.control.waitFor(
    () => {
      if (Number.isNaN(from)) from = performance.now()
      return (performance.now() - from) * 60 >= options.simulatedMs || (options.times > 0 && enough())
    },
    { limitMs: options.simulatedMs * 2 + 3_600_000 },
  )
  const faults = simulator.control.faults()
  const simulatedMs = (performance.now() - from) * 60
  // What was missed last shows only when frames come again.
  const last = simulator.control.state().gameId
  await simulator.control.waitFor((state) => state.gameId !== last && state.gameId === heard && state.phase === 'active')
  const games = simulator.control.games().length
  stop.abort()
  const summary = await running
  await hearing
  loop.disable()
  await store.close()

  await using engine = await openQuery({ dir, maxRows: 5_000_000 })
  const gaps: Gap[] = []
  const issues: number[] = []
  const disconnects: number[] = []
  const copies = new Map<string, number>()
  const states: Seen[] = []
  let storedFrames = 0
  for await (const row of engine.events()) {
    const text = row.raw_json ?? ''
    if (row.event_name === 'gap') gaps.push(JSON.parse(text))
    else if (row.event_name === 'disconnect' || row.event_name === 'stale') disconnects.push(row.ts / 1000)
    if (row.issues !== null || row.event_name === 'schema_issue') issues.push(row.ts / 1000)
    if (row.doc_type !== 'ws_event') continue
    storedFrames += 1
    if (row.event_name === 'gameStateUpdate' && row.game_id !== null) {
      const [, state] = JSON.parse(text) as [
        string,
        { cooldownTimer: number; tickCount?: number; gameHistory?: object[]; rugged?: boolean },
      ]
      states.push({ at: row.ts, gameId: row.game_id, place: placeOf(state), large: state.gameHistory !== undefined })
    }
    copies.set(text, (copies.get(text) ?? 0) + 1)
  }
  return { faults, summary, gaps, issues, disconnects, states, copies, storedFrames, simulatedMs, games, stallMs: loop.max / 1e6 }
}

/** A frame without a number of its own leaves no trace when it is lost: side events, large frames, and what comes twice anyway. */
export function isTraceless({ event, sizeBytes, cooldownTimer, tick }: InjectedFault): boolean {
  return (
    event !== 'gameStateUpdate' ||
    (sizeBytes ?? 0) > 50_000 ||
    cooldownTimer === 10_000 ||
    cooldownTimer === 15_000 ||
    (cooldownTimer === 0 && tick === 0)
  )
}

/** Faults that took something away and that no row of the recording accounts for. */
export function unmatched({ faults, gaps, issues, disconnects, states, stallMs }: ChaosRun): InjectedFault[] {
  const small = states.filter((state) => !state.large)
  const stretches = gaps.map((gap) => ({
    before: small.findLast((state) => state.at <= gap.from),
    after: small.find((state) => state.at >= gap.to),
  }))
  /** Between a connection's first frame, which ends its gap, and its first state nothing tells where the feed was: part of the same loss. */
  const beforeFirstState = (fault: InjectedFault): boolean =>
    gaps.some(
      (gap) =>
        gap.cause !== 'feed' &&
        gap.to / 1000 - 100 <= fault.at &&
        (states.find((state) => state.at >= gap.to)?.at ?? Number.POSITIVE_INFINITY) / 1000 >= fault.at,
    )
  /** The dropped frame's own place lies inside a gap, between the frames on its two sides: times alone would prove nothing here. */
  const inGap = (fault: InjectedFault): boolean =>
    stretches.some(({ before, after }) => {
      const place = placeOf(fault)
      const behind = before === undefined || before.gameId !== fault.gameId || before.place < place
      const ahead = after === undefined || after.gameId !== fault.gameId || place < after.place
      return behind && ahead && (before?.gameId === fault.gameId || after?.gameId === fault.gameId)
    })
  const within = (at: number, slackMs: number): boolean =>
    gaps.some((gap) => gap.cause !== 'feed' && gap.from / 1000 - slackMs <= at && at <= gap.to / 1000 + slackMs)
  const near = (times: readonly number[], at: number): boolean =>
    times.some((time) => time >= at - 100 && time <= at + 1_000 + stallMs)
  return faults.filter((fault) => {
    if (fault.kind === 'drop') return !isTraceless(fault) && !inGap(fault) && !beforeFirstState(fault)
    if (fault.kind === 'malformed') return !near(issues, fault.at) && !near(disconnects, fault.at)
    if (fault.kind === 'kick' || fault.kind === 'restart' || fault.kind === 'half_open') return !within(fault.at, 100 + stallMs)
    return false
  })
}
