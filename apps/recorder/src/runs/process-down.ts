import type { Gap, Source, SourceItem } from '@vectra/ingest'
import type { Clock, Micros } from '@vectra/schemas'
import type { PreviousRun } from './previous-run.ts'

/** Payload of a gap of cause `process_down`: what nobody recorded between two runs. */
export interface ProcessDownGap extends Gap {
  readonly cause: 'process_down'
  readonly previous_session: string
  /** `stopped`: somebody stopped the recorder. `killed`: it died. */
  readonly previous_end: PreviousRun['end']
  /** Last sign of life of the run before. */
  readonly alive_until: Micros
  /** The clock stood this much earlier than the end of the run before: the length is not known. */
  readonly clock_back_us?: number
}

/** The gap between a run and the first frame of the next. A clock that went back gives one without a length. */
export function processDownGap(run: PreviousRun, to: Micros, source: Source['name']): ProcessDownGap {
  const common = {
    cause: 'process_down',
    source,
    recovered_by: null,
    previous_session: run.session,
    previous_end: run.end,
  } as const
  if (to < run.from)
    return { ...common, from: to, to, est_missing: null, alive_until: run.aliveUntil, clock_back_us: run.from - to }
  return {
    ...common,
    from: run.from,
    to,
    est_missing: run.perSecond === null ? null : Math.round(((to - run.from) / 1e6) * run.perSecond),
    alive_until: run.aliveUntil,
  }
}

/** The same source, saying before its first frame what was missed since the run before; at its end when none came. */
export function withOpeningGap(source: Source, run: PreviousRun | null, clock: Clock): Source {
  if (run === null) return source
  return {
    ...source,
    async *items(signal) {
      let open = true
      for await (const item of source.items(signal)) {
        if (open && isData(item)) {
          open = false
          yield gapItem(run, item.frame.at, source)
        }
        yield item
      }
      if (open) yield gapItem(run, clock.now(), source)
    },
  }
}

function gapItem(run: PreviousRun, to: Micros, source: Source): SourceItem {
  return { kind: 'gap', gap: processDownGap(run, to, source.name), at: to }
}

/** Handshakes and heartbeats come from the transport, not from the feed. */
function isData(item: SourceItem): item is Extract<SourceItem, { kind: 'frame' }> {
  return (
    item.kind === 'frame' &&
    item.frame.direction === 'received' &&
    (typeof item.frame.text !== 'string' || /^4[2356]/.test(item.frame.text))
  )
}
