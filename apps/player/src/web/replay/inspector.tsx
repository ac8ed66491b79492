import { useEffect, useState } from 'preact/hooks'
import type { Frame, FrameLine } from '../../protocol/recorded.ts'
import { Chip } from '../components/chip.tsx'
import { Panel } from '../components/panel.tsx'
import { ProblemNote } from '../components/problem-note.tsx'
import { Scroll } from '../components/scroll.tsx'
import { Segmented } from '../components/segmented.tsx'
import { announce } from '../shell/announce.ts'
import { useResource } from '../shell/resource.ts'
import type { Playback } from './playback.ts'
import './replay.css'

type View = 'decoded' | 'raw' | 'envelope'

/** The frames behind what is shown: from the present tick on, and one of them in full. */
export function Inspector({ playback }: { readonly playback: Playback }) {
  const { gameId } = playback.game.line
  const playing = playback.playing.value
  const [tick, setTick] = useState(playback.tick.peek())
  const now = playback.tick.value
  useEffect(() => {
    if (!playing) setTick(now)
  }, [playing, now])
  const list = useResource<{ frames: readonly FrameLine[] }>(`/replay/games/${encodeURIComponent(gameId)}/frames?tick=${tick}`)
  const [chosen, choose] = useState<{ readonly session: string; readonly seq: number } | null>(null)
  return (
    <Panel
      title="Frames"
      class="inspector"
      aside={
        <span class="fine">
          from tick {tick}
          {playing ? ', paused while it plays' : ''}
        </span>
      }
    >
      <div class="inspector-grid">
        <Scroll label="Frames from this tick on">
          <ProblemNote problem={list.problem} retry={list.reload} />
          <ul class="frames" data-t="frames">
            {list.value?.frames.map((frame) => (
              <li key={`${frame.session}:${frame.seq}`}>
                <button
                  type="button"
                  class="quiet"
                  aria-pressed={chosen?.session === frame.session && chosen.seq === frame.seq}
                  onClick={() => choose({ session: frame.session, seq: frame.seq })}
                >
                  <span class="soft number">{frame.ts.slice(11, 23)}</span>
                  <span class="soft" title={frame.direction}>
                    {frame.direction === 'sent' ? '▲ sent' : '▼'}
                  </span>
                  <span class="what">{frame.event}</span>
                  <span class="soft number">{frame.size.toLocaleString('en')}</span>
                </button>
              </li>
            ))}
          </ul>
          {list.value?.frames.length === 0 && <p class="empty">No frame of this game is stored from here on.</p>}
        </Scroll>
        <FrameView chosen={chosen} choose={choose} />
      </div>
    </Panel>
  )
}

/** One frame: raw, decoded, envelope. */
export function FrameView(props: {
  readonly chosen: { readonly session: string; readonly seq: number } | null
  readonly choose: (frame: { session: string; seq: number }) => void
}) {
  const { chosen, choose } = props
  const [view, setView] = useState<View>('decoded')
  const { value, problem } = useResource<Frame>(
    chosen === null ? null : `/replay/frame?${new URLSearchParams({ session: chosen.session, seq: String(chosen.seq) })}`,
  )
  if (chosen === null) return <p class="empty">Choose a frame to look inside.</p>
  if (value === null) return problem === null ? <p class="empty">Reading the frame …</p> : <ProblemNote problem={problem} />
  const { session } = value
  const copy = (text: string, what: string): void => {
    void navigator.clipboard.writeText(text).then(
      () => announce(`${what} copied`),
      () => announce('the browser does not allow copying here'),
    )
  }
  const sql = `SELECT * FROM events WHERE session_id = '${session}' AND seq = ${value.seq}`
  return (
    <div class="frame" data-t="frame">
      <div class="frame-head">
        <b>{value.event}</b> <span class="soft number">seq {value.seq}</span>
        <Chip tone={value.issues.length === 0 ? 'good' : 'bad'}>
          {value.issues.length === 0 ? 'valid' : `${value.issues.length} issues`}
        </Chip>
        <Segmented<View>
          label="Form"
          options={[
            { value: 'decoded', label: 'decoded' },
            { value: 'raw', label: 'raw' },
            { value: 'envelope', label: 'envelope' },
          ]}
          value={view}
          onChange={setView}
        />
        <button
          type="button"
          disabled={value.previous === null}
          onClick={() => value.previous !== null && choose({ session, seq: value.previous })}
        >
          last {value.event}
        </button>
        <button
          type="button"
          disabled={value.next === null}
          onClick={() => value.next !== null && choose({ session, seq: value.next })}
        >
          next {value.event}
        </button>
        <button type="button" onClick={() => copy(value.raw, 'frame')}>
          copy frame
        </button>
        <button type="button" onClick={() => copy(sql, 'SQL')}>
          copy SQL
        </button>
      </div>
      {value.cut && <p class="fine">Cut: the frame has {value.size.toLocaleString('en')} characters.</p>}
      {value.issues.length > 0 && <pre class="issues">{JSON.stringify(value.issues, null, 1)}</pre>}
      <Scroll label={`Frame, ${view}`}>
        <pre data-t="frame-text">{textOf(value, view)}</pre>
      </Scroll>
    </div>
  )
}

function textOf(frame: Frame, view: View): string {
  if (view === 'raw') return frame.raw
  if (view === 'envelope') return JSON.stringify(frame.envelope, null, 2)
  return indented(frame.raw.replace(/^\d+(?:-?\d*)?(?=[[{"])/, ''))
}

/** JSON indented without being parsed: every digit stays as it was received. */
export function indented(json: string): string {
  let depth = 0
  let text = ''
  let inString = false
  const line = (): string => `\n${'  '.repeat(depth)}`
  for (let at = 0; at < json.length; at += 1) {
    const sign = json[at] ?? ''
    if (inString) {
      text += sign
      if (sign === '\\') {
        at += 1
        text += json[at] ?? ''
      } else if (sign === '"') inString = false
    } else if (sign === '"') {
      inString = true
      text += sign
    } else if (sign === '{' || sign === '[') {
      const empty = /^\s*[}\]]/.exec(json.slice(at + 1, at + 40))
      if (empty !== null) {
        text += sign + (sign === '{' ? '}' : ']')
        at += empty[0].length
      } else {
        depth += 1
        text += sign + line()
      }
    } else if (sign === '}' || sign === ']') {
      depth = Math.max(0, depth - 1)
      text += line() + sign
    } else if (sign === ',') text += sign + line()
    else if (sign === ':') text += ': '
    else if (!/\s/.test(sign)) text += sign
  }
  return text
}
