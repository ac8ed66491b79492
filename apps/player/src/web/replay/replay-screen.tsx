import { useEffect } from 'preact/hooks'
import type { ReplayGame } from '../../protocol/recorded.ts'
import { ProblemNote } from '../components/problem-note.tsx'
import { useResource } from '../shell/resource.ts'
import { navigate, route } from '../shell/router.ts'
import { GamePicker } from './game-picker.tsx'
import { GameReplay } from './game-replay.tsx'
import './replay.css'

/** Recorded games, played again: the picker, or one game. */
export function ReplayScreen() {
  const [gameId] = route.value.path
  useEffect(() => {
    document.title = gameId === undefined ? 'Replay · Vectra' : `${gameId} · Vectra`
  }, [gameId])
  return (
    <div class="screen replay">
      <h1 class="hidden">Replay</h1>
      {gameId === undefined ? <GamePicker /> : <OneGame key={gameId} gameId={gameId} />}
    </div>
  )
}

function OneGame({ gameId }: { readonly gameId: string }) {
  const { value, problem, loading, reload } = useResource<ReplayGame>(`/replay/games/${encodeURIComponent(gameId)}`)
  return (
    <>
      <p class="crumbs">
        <button type="button" class="quiet" onClick={() => navigate({ screen: 'replay' })} data-t="all-games">
          ← all games
        </button>
      </p>
      <ProblemNote problem={problem} retry={reload} />
      {loading && <p class="empty">Reading the game …</p>}
      {value !== null && <GameReplay game={value} />}
    </>
  )
}
