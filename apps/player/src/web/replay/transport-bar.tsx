import { Segmented } from '../components/segmented.tsx'
import type { Playback } from './playback.ts'
import { type ReplaySpeed, SPEEDS } from './transport.ts'

/** Play, step, speed, loop, jumps, and the scrub bar with its lanes. */
export function TransportBar({ playback }: { readonly playback: Playback }) {
  const { game, last, tick, playing, loop, speed } = playback
  const jumps = [
    ['trade', 'trade', 't', ['trade', 'own']],
    ['sidebet', 'sidebet', 'd', ['sidebet']],
    ['gap', 'gap', 'g', ['gap']],
    ['rug', 'rug', 'r', ['rug']],
  ] as const
  return (
    <div class="transport">
      <div class="scrub">
        <Lanes playback={playback} />
        <input
          type="range"
          min={0}
          max={last}
          step={1}
          value={tick.value}
          aria-label="Tick"
          aria-valuetext={`tick ${tick.value} of ${last}`}
          onInput={(event) => playback.seek(Number(event.currentTarget.value))}
          data-t="scrub"
        />
      </div>
      <div class="buttons">
        <button type="button" onClick={() => playback.seek(0)} aria-label="To the start" aria-keyshortcuts="Home">
          |◀
        </button>
        <button type="button" onClick={() => playback.step(-1)} aria-label="One tick back" aria-keyshortcuts="ArrowLeft">
          ◀
        </button>
        <button type="button" class="primary" onClick={playback.toggle} aria-keyshortcuts="Space" data-t="play">
          {playing.value ? 'Pause' : 'Play'}
        </button>
        <button
          type="button"
          onClick={() => playback.step(1)}
          aria-label="One tick on"
          aria-keyshortcuts="ArrowRight"
          data-t="step"
        >
          ▶
        </button>
        <Segmented<ReplaySpeed>
          label="Speed"
          options={SPEEDS.map((value) => ({ value, label: value === 'max' ? 'max' : `${value}×` }))}
          value={speed.value}
          onChange={(value) => (speed.value = value)}
        />
        <button
          type="button"
          aria-pressed={loop.value}
          onClick={() => (loop.value = !loop.value)}
          aria-keyshortcuts="l"
          data-t="loop"
        >
          Loop
        </button>
        <span class="jumps">
          {jumps.map(([kind, word, key, kinds]) => (
            <button
              key={kind}
              type="button"
              disabled={!game.marks.some((mark) => (kinds as readonly string[]).includes(mark.kind))}
              onClick={() => playback.jump(kinds, 1) || playback.jump(kinds, -1)}
              aria-keyshortcuts={key}
              data-t={`jump-${kind}`}
            >
              {kind === 'rug' ? 'the rug' : `next ${word}`}
            </button>
          ))}
        </span>
        <label class="go">
          <span>go to tick</span>
          <input
            type="text"
            class="go-tick"
            inputMode="numeric"
            value={String(tick.value)}
            onChange={(event) => playback.seek(Number(event.currentTarget.value) || 0)}
            data-t="go-tick"
          />
        </label>
      </div>
    </div>
  )
}

const LANES = [
  ['trade', ['trade'], 'trades'],
  ['own', ['own'], 'yours'],
  ['sidebet', ['sidebet'], 'sidebets'],
] as const

/** Where things happened, over the scrub bar: drawn once per game, the playhead alone moves. */
function Lanes({ playback }: { readonly playback: Playback }) {
  const { marks, holes } = playback.game
  const width = Math.max(1, playback.last + 1)
  const used = LANES.filter(([, kinds]) => marks.some((mark) => (kinds as readonly string[]).includes(mark.kind)))
  const height = Math.max(1, used.length) * 4
  return (
    <svg class="lanes" viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" aria-hidden="true">
      {holes.map(({ from, to }) => (
        <rect key={`hole${from}`} class="hole" x={from} y={0} width={to - from + 1} height={height} />
      ))}
      {used.map(([name, kinds], lane) =>
        marks
          .filter((mark) => (kinds as readonly string[]).includes(mark.kind))
          .map((mark, index) => (
            <rect
              key={`${name}${mark.tick}/${mark.seq ?? index}`}
              class={`${name} ${mark.side ?? ''}`}
              x={mark.tick}
              y={lane * 4 + 0.5}
              width={Math.max(1, width / 300)}
              height={3}
            />
          )),
      )}
    </svg>
  )
}
