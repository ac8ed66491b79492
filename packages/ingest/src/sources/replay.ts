import type { Clock } from '@vectra/schemas'
import { redactRaw } from '../redact.ts'
import type { ReplayControl } from '../replay/control.ts'
import { checkSpeed, Pace, type Speed } from '../replay/pace.ts'
import { isRepeatable, openRecords, type ReplayRecords } from '../replay/records.ts'
import type { Source } from '../source.ts'

/** What {@link replaySource} needs. */
export interface ReplaySourceOptions {
  readonly clock: Clock
  /** Default 1: as recorded. A control has a speed of its own. */
  readonly speed?: Speed
  /** Pause, single steps and speed while it plays. */
  readonly control?: ReplayControl
  /** Start again at the end, for ever. Default false. */
  readonly loop?: boolean
  /** Times of the frames: when they are replayed, or when they were recorded. Default `now`. */
  readonly times?: 'now' | 'recorded'
  /** Provenance of the rows. Default `replay`. */
  readonly origin?: string
}

/**
 * Recorded frames as a source: they go through the very same decoding as live ones.
 *
 * @throws TypeError for a speed that is none, or `loop` over records that can be read once only
 */
export function replaySource(records: ReplayRecords, options: ReplaySourceOptions): Source {
  const { clock, control, speed = control?.speed ?? 1, loop = false, times = 'now', origin = 'replay' } = options
  checkSpeed(speed)
  if (loop && !isRepeatable(records)) throw new TypeError('loop needs records that can be read again: an array or a function')
  return {
    name: 'replay',
    origin,
    meta: { speed, loop },
    unhurried: true,
    async *items(signal) {
      for (let round = 1; !signal.aborted; round += 1) {
        const pace = new Pace(clock, speed, control)
        let played = 0
        for await (const record of openRecords(records)) {
          await pace.due(record.at, signal)
          if (signal.aborted) return
          const { text, direction, connection = 'replay' } = record
          const at = times === 'now' ? clock.now() : record.at
          const frame = { text, direction, at, connection: round === 1 ? connection : `${connection}-${round}` }
          yield { kind: 'frame', frame: redactRaw(frame) }
          played += 1
        }
        if (!loop || played === 0) return
      }
    },
  }
}
