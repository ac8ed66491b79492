import type { ConnectionStatus, SourceItem } from '../source.ts'
import { frameOfLine, isObject, type LineFormat } from './format.ts'
import { memberSpans } from './json-slice.ts'

/**
 * `{"seq", "ts", "event", "data"}` per line, in a sibling form with `"source"` and `"direction"` and an offset in `ts`.
 *
 * Lines of the recorder itself (`connect` with `data` null) are system events, not frames.
 */
export const eventLog: LineFormat = {
  name: 'event_log',
  matches: (line) => isObject(line) && 'event' in line && 'ts' in line,
  read(text, line, context) {
    const at = context.times.read(line.ts)
    if (at === null) return { broken: 'ts is missing or no time' }
    const members = memberSpans(text)
    const name = members.get('event')
    if (!name || typeof line.event !== 'string') return { broken: 'event is missing or no text' }
    const status = statusOf(line.event, line.data, context)
    if (status) {
      const item: SourceItem = {
        kind: 'record',
        record: { docType: 'system_event', eventName: line.event, at, gameId: null, text, payload: line, status },
      }
      return { at, item }
    }
    const direction = line.direction === 'sent' ? 'sent' : 'received'
    const frame = frameOfLine(text, name, members.get('data'), line.data)
    return { at, item: { kind: 'frame', frame: { text: frame, direction, at, connection: `import-${context.connection}` } } }
  },
}

function statusOf(event: string, data: unknown, context: { connection: number }): ConnectionStatus | null {
  switch (event) {
    case 'connect':
    case 'reconnect':
      context.connection += 1
      return { kind: 'connect', connection: `import-${context.connection}` }
    case 'disconnect':
      return {
        kind: 'disconnect',
        connection: `import-${context.connection}`,
        reason: typeof data === 'string' ? data : 'unknown',
      }
    case 'connect_error':
      return {
        kind: 'connect_error',
        connection: `import-${context.connection}`,
        message: typeof data === 'string' ? data : 'unknown',
      }
    default:
      return null
  }
}
