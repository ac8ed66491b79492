import type { ComponentChildren } from 'preact'
import { StatusChips } from '../feed/status-chips.tsx'
import { Help, helpOpen } from './help.tsx'
import { navigate, route, type Screen } from './router.ts'
import { useShortcuts } from './shortcuts.ts'
import { nextTheme, themeChoice } from './theme.ts'

const TABS: readonly { screen: Screen; label: string; key: string }[] = [
  { screen: 'live', label: 'Live', key: 'l' },
  { screen: 'replay', label: 'Replay', key: 'r' },
  { screen: 'data', label: 'Data', key: 'v' },
]

/** Header with screens and state of the feed, the screen below it, the help beside it. */
export function Shell({ children }: { readonly children: ComponentChildren }) {
  const { screen } = route.value
  useShortcuts([
    ...TABS.map(({ screen: to, label, key }) => ({
      key,
      label: `Go to ${label}`,
      group: 'Everywhere',
      run: () => navigate({ screen: to }),
    })),
    { key: 't', label: 'Theme: dark, light, auto', group: 'Everywhere', run: nextTheme },
    { key: '?', label: 'This help', group: 'Everywhere', run: () => (helpOpen.value = true) },
  ])
  return (
    <>
      <button type="button" class="skip" onClick={() => document.getElementById('main')?.focus()}>
        Skip to the screen
      </button>
      <header class="top">
        <span class="brand" aria-hidden="true">
          <svg viewBox="0 0 32 32" width="22" height="22" aria-hidden="true">
            <path d="M5 22 12 14l5 4.5L27 7" />
          </svg>
          <b>Vectra</b>
        </span>
        <nav aria-label="Screens">
          {TABS.map(({ screen: to, label, key }) => (
            <a
              key={to}
              href={`#/${to}`}
              aria-current={to === screen ? 'page' : undefined}
              aria-keyshortcuts={key}
              onClick={(event) => {
                event.preventDefault()
                navigate({ screen: to })
              }}
            >
              {label}
            </a>
          ))}
        </nav>
        <StatusChips />
        <div class="tools">
          <button
            type="button"
            class="quiet"
            onClick={nextTheme}
            aria-keyshortcuts="t"
            aria-label={`Theme: ${themeChoice.value}`}
            title={`Theme: ${themeChoice.value} (t)`}
          >
            <ThemeIcon />
          </button>
          <button
            type="button"
            class="quiet"
            onClick={() => (helpOpen.value = true)}
            aria-keyshortcuts="?"
            aria-label="Keys and help"
            title="Keys and help (?)"
          >
            ?
          </button>
        </div>
      </header>
      <main id="main" tabIndex={-1}>
        {children}
      </main>
      <Help />
    </>
  )
}

function ThemeIcon() {
  const choice = themeChoice.value
  return (
    <svg viewBox="0 0 20 20" width="16" height="16" aria-hidden="true">
      <circle cx="10" cy="10" r="6.5" fill="none" stroke="currentColor" stroke-width="1.6" />
      {choice === 'auto' && <path d="M10 3.5a6.5 6.5 0 0 1 0 13z" fill="currentColor" />}
      {choice === 'dark' && <circle cx="10" cy="10" r="6.5" fill="currentColor" />}
    </svg>
  )
}
