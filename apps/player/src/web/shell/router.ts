import { signal } from '@preact/signals'

/** The three screens. */
export type Screen = 'live' | 'replay' | 'data'

/** What the address says: `#/replay/20251212-ab12…?tick=123`. All state that is worth a link lives here. */
export interface Route {
  readonly screen: Screen
  /** Parts after the screen. */
  readonly path: readonly string[]
  readonly query: Readonly<Record<string, string>>
}

const SCREENS: readonly Screen[] = ['live', 'replay', 'data']

/** The present route. */
export const route = signal<Route>(parseRoute(''))

/** Reads an address's fragment. Anything unknown is Live. */
export function parseRoute(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#?\/?/, '').split('?')
  const [first = '', ...rest] = path
    .split('/')
    .filter((part) => part !== '')
    .map(decoded)
  const screen = SCREENS.find((one) => one === first)
  if (screen === undefined) return { screen: 'live', path: [], query: {} }
  return { screen, path: rest, query: Object.fromEntries(new URLSearchParams(query)) }
}

/** The fragment of a route. */
export function routeHash({ screen, path, query }: Route): string {
  const parameters = new URLSearchParams(query).toString()
  return `#/${[screen, ...path.map(encodeURIComponent)].join('/')}${parameters === '' ? '' : `?${parameters}`}`
}

/** Goes to a route; `replace` leaves no entry in the history (scrubbing, typing). */
export function navigate(
  to: { screen: Screen; path?: readonly string[]; query?: Readonly<Record<string, string>> },
  replace = false,
): void {
  const next: Route = { screen: to.screen, path: to.path ?? [], query: to.query ?? {} }
  const hash = routeHash(next)
  if (replace) history.replaceState(null, '', hash)
  else if (hash !== location.hash) history.pushState(null, '', hash)
  route.value = next
}

/** Changes some of the query, keeps the rest; null removes. Leaves no history entry. */
export function setQuery(changes: Readonly<Record<string, string | null>>): void {
  const present = route.peek()
  const query = Object.fromEntries(
    Object.entries({ ...present.query, ...changes }).filter((entry): entry is [string, string] => entry[1] !== null),
  )
  navigate({ ...present, query }, true)
}

/** Keeps `route` true when the address changes by hand or by the back button. */
export function followAddress(): void {
  const read = (): void => {
    route.value = parseRoute(location.hash)
  }
  addEventListener('hashchange', read)
  addEventListener('popstate', read)
  read()
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
