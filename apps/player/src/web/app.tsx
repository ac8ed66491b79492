import { signal } from '@preact/signals'
import type { ComponentType } from 'preact'
import { useEffect } from 'preact/hooks'
import { Announcer } from './components/announcer.tsx'
import { Banner } from './components/banner.tsx'
import { LiveScreen } from './live/live-screen.tsx'
import { problems } from './shell/problems.ts'
import { route, type Screen } from './shell/router.ts'
import { Shell } from './shell/shell.tsx'
import { TokenSheet } from './shell/token-sheet.tsx'

/** Screens that are fetched when they are first opened: Live alone must be there at once. */
const LAZY: Readonly<Record<Exclude<Screen, 'live'>, () => Promise<ComponentType>>> = {
  replay: async () => (await import('./replay/replay-screen.tsx')).ReplayScreen,
  data: async () => (await import('./data/data-screen.tsx')).DataScreen,
}

const loaded = signal<Partial<Record<Screen, ComponentType>>>({ live: LiveScreen })

/** The page: shell, banner for what went wrong, and the screen that the address names. */
export function App() {
  const { screen } = route.value
  useEffect(() => {
    if (screen === 'live' || loaded.peek()[screen] !== undefined) return
    LAZY[screen]()
      .then((component) => {
        loaded.value = { ...loaded.peek(), [screen]: component }
      })
      .catch(() =>
        problems.show('screen', {
          title: 'This screen did not load',
          detail: 'The gateway did not answer.',
          next: 'Start vectra again, then reload the page.',
        }),
      )
  }, [screen])
  const Current = loaded.value[screen]
  return (
    <Shell>
      <Banner />
      {Current === undefined ? <p class="empty">Loading …</p> : <Current />}
      <Announcer />
      <TokenSheet />
    </Shell>
  )
}
