import { frameOfLine, isObject, type LineFormat } from './format.ts'
import { memberSpans } from './json-slice.ts'

/** `{"timestamp", "event_type", "data"}` per line: the prefix was stripped, traced events kept both arguments. */
export const rawFrames: LineFormat = {
  name: 'raw_frames',
  matches: (line) => isObject(line) && 'event_type' in line && 'timestamp' in line && !('_meta' in line),
  read(text, line, context) {
    const at = context.times.read(line.timestamp)
    if (at === null) return { broken: 'timestamp is missing or no time' }
    const members = memberSpans(text)
    const name = members.get('event_type')
    if (!name || typeof line.event_type !== 'string') return { broken: 'event_type is missing or no text' }
    const frame = frameOfLine(text, name, members.get('data'), line.data)
    return {
      at,
      item: { kind: 'frame', frame: { text: frame, direction: 'received', at, connection: `import-${context.connection}` } },
    }
  },
}
