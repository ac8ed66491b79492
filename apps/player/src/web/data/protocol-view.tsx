import { useState } from 'preact/hooks'
import type { ProtocolEvent, ProtocolLine } from '../../protocol/recorded.ts'
import { Chip } from '../components/chip.tsx'
import { Panel } from '../components/panel.tsx'
import { ProblemNote } from '../components/problem-note.tsx'
import { Scroll } from '../components/scroll.tsx'
import { FrameView } from '../replay/inspector.tsx'
import { useResource } from '../shell/resource.ts'
import { navigate, route } from '../shell/router.ts'
import { countText, timeText } from './words.ts'

/** Events of the protocol as they were recorded: how often, which fields, since when, with payloads to look at. */
export function ProtocolView() {
  const { value, problem, loading, reload } = useResource<{ events: readonly ProtocolLine[] }>('/data/protocol')
  const chosen = route.value.query.event
  return (
    <div class="protocol-grid">
      <Panel title="Events" aside={<span class="fine">{value === null ? '' : value.events.length}</span>}>
        <ProblemNote problem={problem} retry={reload} />
        {loading && value === null && <p class="empty">Counting …</p>}
        {value?.events.length === 0 && <p class="empty">Nothing is recorded yet.</p>}
        <Scroll label="Events by count" class="wide">
          <table data-t="protocol">
            <thead>
              <tr>
                <th>Event</th>
                <th>Way</th>
                <th class="right">Count</th>
                <th class="right" title="for each minute in which anything was heard">
                  a minute
                </th>
                <th class="right">Invalid</th>
                <th>Last (UTC)</th>
              </tr>
            </thead>
            <tbody>
              {value?.events.map((line) => (
                <tr key={`${line.event}${line.direction}`}>
                  <td>
                    <button
                      type="button"
                      class="quiet"
                      aria-pressed={line.event === chosen}
                      onClick={() => navigate({ screen: 'data', path: ['protocol'], query: { event: line.event } })}
                    >
                      {line.event}
                    </button>
                  </td>
                  <td>{line.direction}</td>
                  <td class="right">{countText(line.count)}</td>
                  <td class="right">{line.perMinute}</td>
                  <td class="right">{line.issues === 0 ? '0' : <Chip tone="warn">{countText(line.issues)}</Chip>}</td>
                  <td class="number">{timeText(line.lastTs)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      </Panel>
      {chosen !== undefined && <OneEvent key={chosen} event={chosen} />}
    </div>
  )
}

function OneEvent({ event }: { readonly event: string }) {
  const { value, problem, loading, reload } = useResource<ProtocolEvent>(`/data/protocol/event?name=${encodeURIComponent(event)}`)
  const [frame, choose] = useState<{ readonly session: string; readonly seq: number } | null>(null)
  return (
    <Panel title={event} aside={<span class="fine">{value?.date == null ? '' : `fields of ${value.date}`}</span>}>
      <ProblemNote problem={problem} retry={reload} />
      {loading && <p class="empty">Reading the payloads of a day …</p>}
      {value !== null && (
        <>
          <Scroll label="Fields by path" class="tall">
            <table data-t="fields">
              <thead>
                <tr>
                  <th>Field</th>
                  <th>Types</th>
                  <th class="right">Present</th>
                  <th>First seen</th>
                </tr>
              </thead>
              <tbody>
                {value.fields.map((field) => (
                  <tr key={field.path}>
                    <td>
                      <code>{field.path}</code>
                    </td>
                    <td class="fine">{field.types}</td>
                    <td class="right">
                      {field.present === field.events ? 'always' : `${countText(field.present)} of ${countText(field.events)}`}
                    </td>
                    <td class="number">{timeText(field.firstTs).slice(11)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </Scroll>
          <div class="pad">
            <h3>Drift</h3>
            {value.drift.length === 0 && <p class="fine">No change of its shape was noticed while it was recorded.</p>}
            <ul class="gap-list" data-t="drift">
              {value.drift.map(({ session, seq, ts, path, change, before, after }) => (
                <li key={`${session}:${seq}`}>
                  <span class="number soft">{timeText(ts)}</span> <code>{path === '' ? event : path}</code>{' '}
                  {change.replaceAll('_', ' ')}
                  {(before !== null || after !== null) && (
                    <span class="fine">
                      {' '}
                      {before ?? 'nothing'} → {after ?? 'nothing'}
                    </span>
                  )}
                </li>
              ))}
            </ul>
            <h3>Payloads</h3>
            <p class="examples">
              {value.examples.map((example) => (
                <button key={example.seq} type="button" onClick={() => choose({ session: example.session, seq: example.seq })}>
                  {timeText(example.ts)}
                </button>
              ))}
            </p>
          </div>
          <FrameView chosen={frame} choose={choose} />
        </>
      )}
    </Panel>
  )
}
