import { useEffect, useState } from 'preact/hooks'
import type { DataStatus, PartitionLine, SessionLine } from '../../protocol/recorded.ts'
import { Chip } from '../components/chip.tsx'
import { Panel } from '../components/panel.tsx'
import { ProblemNote } from '../components/problem-note.tsx'
import { Scroll } from '../components/scroll.tsx'
import { useResource } from '../shell/resource.ts'
import { Coverage } from './coverage.tsx'
import { agoText, bytesText, countText, timeText } from './words.ts'

/** How often the tiles are asked again. */
const EVERY_MS = 5_000

/** Health, coverage, partitions and recordings. */
export function Overview() {
  return (
    <>
      <Tiles />
      <Coverage />
      <Partitions />
      <Sessions />
    </>
  )
}

function Tiles() {
  const { value, problem, reload } = useResource<DataStatus>('/data/status')
  const [now, setNow] = useState(Date.now())
  useEffect(() => {
    const timer = setInterval(() => {
      setNow(Date.now())
      if (!document.hidden) reload()
    }, EVERY_MS)
    return () => clearInterval(timer)
  }, [reload])
  if (value === null) return <ProblemNote problem={problem} retry={reload} />
  const tiles: readonly (readonly [string, string, string?])[] = [
    ['events and rows', countText(value.rows), `${countText(value.unflushedRows)} in the journal only`],
    ['on disk', bytesText(value.bytes), `${countText(value.files)} files`],
    ['newest row', agoText(value.lastWrite, now), timeText(value.lastWrite)],
    ['recordings', countText(value.sessions), value.live === 0 ? 'none is running' : `${value.live} running or cut off`],
    ['gaps today', countText(value.gapsToday), value.gapsToday === 0 ? 'nothing was missed' : 'see coverage'],
    ['invalid frames today', countText(value.issuesToday), 'stored with their issues'],
    ['disk free', value.freeBytes === null ? '—' : bytesText(value.freeBytes), value.dataDir],
  ]
  return (
    <Panel
      title="Health"
      aside={
        <Chip
          tone={value.rows === 0 ? 'plain' : value.complete ? 'good' : 'warn'}
          title={value.reasons.join('; ') || undefined}
          test="completeness"
        >
          {value.rows === 0
            ? 'nothing is recorded yet'
            : value.complete
              ? 'nothing is known to be missing'
              : `${value.reasons.length} known ${value.reasons.length === 1 ? 'loss' : 'losses'}`}
        </Chip>
      }
    >
      <dl class="tiles" data-t="tiles">
        {tiles.map(([name, number, detail]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd class="number">{number}</dd>
            {detail !== undefined && <dd class="fine break">{detail}</dd>}
          </div>
        ))}
      </dl>
      {value.reasons.length > 0 && (
        <ul class="reasons pad fine">
          {value.reasons.slice(0, 6).map((reason) => (
            <li key={reason}>{reason}</li>
          ))}
        </ul>
      )}
    </Panel>
  )
}

function Partitions() {
  const { value, problem, reload } = useResource<{ partitions: readonly PartitionLine[] }>('/data/partitions')
  const [all, setAll] = useState(false)
  const lines = value?.partitions ?? []
  const small = lines.filter((line) => line.small).length
  const shown = all ? lines : lines.slice(0, 12)
  return (
    <Panel
      title="Partitions"
      aside={small > 0 ? <Chip tone="warn">{small} of many small files: vectra store compact</Chip> : undefined}
    >
      <ProblemNote problem={problem} retry={reload} />
      <Scroll label="Partitions by day" class="wide">
        <table data-t="partitions">
          <thead>
            <tr>
              <th>Day</th>
              <th>doc_type</th>
              <th class="right">Files</th>
              <th class="right">Rows</th>
              <th class="right">Size</th>
              <th>First</th>
              <th>Last</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((line) => (
              <tr key={`${line.date}${line.docType}`}>
                <td>{line.date}</td>
                <td>{line.docType}</td>
                <td class="right">
                  {countText(line.files)} {line.small && <span class="fine">small</span>}
                </td>
                <td class="right">{countText(line.rows)}</td>
                <td class="right">{bytesText(line.bytes)}</td>
                <td class="number">{timeText(line.firstTs).slice(11)}</td>
                <td class="number">{timeText(line.lastTs).slice(11)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
      {lines.length > shown.length && (
        <p class="pad">
          <button type="button" onClick={() => setAll(true)}>
            Show all {lines.length}
          </button>
        </p>
      )}
      {value !== null && lines.length === 0 && <p class="empty">Nothing is stored yet.</p>}
    </Panel>
  )
}

function Sessions() {
  const { value, problem, reload } = useResource<{ sessions: readonly SessionLine[] }>('/data/sessions')
  const sessions = value?.sessions ?? []
  return (
    <Panel title="Recordings" aside={<span class="fine">{value === null ? '' : sessions.length}</span>}>
      <ProblemNote problem={problem} retry={reload} />
      <Scroll label="Recordings, newest first" class="tall">
        <table data-t="sessions">
          <thead>
            <tr>
              <th>Began (UTC)</th>
              <th>Ended</th>
              <th>Source</th>
              <th class="right">Events</th>
              <th class="right">Games</th>
              <th class="right">Gaps</th>
              <th>Recording</th>
            </tr>
          </thead>
          <tbody>
            {sessions.map((session) => (
              <tr key={session.session}>
                <td class="number">{timeText(session.firstTs)}</td>
                <td class="number">{session.ended ? timeText(session.lastTs) : 'open'}</td>
                <td>
                  {session.source}
                  {session.origin !== null && <span class="fine"> {session.origin}</span>}
                </td>
                <td class="right">{countText(session.events)}</td>
                <td class="right">{countText(session.games)}</td>
                <td class="right">{session.gaps === 0 ? '0' : <Chip tone="warn">{session.gaps}</Chip>}</td>
                <td>
                  <code>{session.session}</code>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
      {value !== null && sessions.length === 0 && <p class="empty">Nothing is recorded yet.</p>}
    </Panel>
  )
}
