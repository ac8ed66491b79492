import { useEffect } from 'preact/hooks'
import { navigate, route, routeHash } from '../shell/router.ts'
import { Overview } from './overview.tsx'
import { ProtocolView } from './protocol-view.tsx'
import { SearchView } from './search-view.tsx'
import { SqlView } from './sql-view.tsx'
import './data.css'

const VIEWS = [
  ['overview', 'Overview', Overview],
  ['sql', 'SQL', SqlView],
  ['search', 'Search', SearchView],
  ['protocol', 'Protocol', ProtocolView],
] as const

/** What is recorded, and questions about it. */
export function DataScreen() {
  const wanted = route.value.path[0] ?? 'overview'
  const [name, title, View] = VIEWS.find(([one]) => one === wanted) ?? VIEWS[0]
  useEffect(() => {
    document.title = `${title} · Vectra`
  }, [title])
  return (
    <div class="screen data">
      <h1 class="hidden">Data</h1>
      <nav class="views" aria-label="Data">
        {VIEWS.map(([one, word]) => (
          <a
            key={one}
            href={routeHash({ screen: 'data', path: [one], query: {} })}
            aria-current={one === name ? 'page' : undefined}
            onClick={(event) => {
              event.preventDefault()
              navigate({ screen: 'data', path: [one] })
            }}
            data-t={`data-${one}`}
          >
            {word}
          </a>
        ))}
      </nav>
      <View />
    </div>
  )
}
