import { checkRecordedGameLine } from '@vectra/schemas'
import { isObject, type LineFormat } from './format.ts'

const KINDS = { tick: 'game_tick', game_start: 'system_event', game_end: 'system_event' } as const

/**
 * `game_start`, `tick` and `game_end` lines: the ticks of one game, reduced by an older recorder.
 *
 * They never were frames, so each line is stored as it stands: ticks as canonical `game_tick` rows, the ends of the game as
 * system events.
 *
 * @see domain/events.md section 9
 */
export const recordedGame: LineFormat = {
  name: 'recorded_game',
  matches: (line) => isObject(line) && typeof line.type === 'string' && Object.hasOwn(KINDS, line.type) && 'game_id' in line,
  read(text, line, context) {
    if (typeof line.type !== 'string' || !Object.hasOwn(KINDS, line.type))
      return { broken: 'type is none of tick, game_start, game_end' }
    if (typeof line.game_id !== 'string') return { broken: 'game_id is missing or no text' }
    const at = context.times.read(line.timestamp)
    if (at === null) return { broken: 'timestamp is missing or no time' }
    const kind = line.type as keyof typeof KINDS
    const issues = checkRecordedGameLine(line)
    const record = { docType: KINDS[kind], eventName: kind, at, gameId: line.game_id, text, payload: line, issues }
    return { at, item: { kind: 'record', record } }
  },
}
