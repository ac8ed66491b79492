const KEY = 'vectra.token'

let token: string | null = null

/**
 * Takes the run's token out of the address (`#token=…`), so that it is in no link the person copies. It stays with this tab:
 * a reload keeps it, another tab needs the printed address.
 */
export function takeTokenFromAddress(): void {
  const given = /^#token=([\w-]+)$/.exec(location.hash)?.[1]
  if (given !== undefined) {
    keepToken(given)
    history.replaceState(null, '', '#/live')
  } else token = sessionStorage.getItem(KEY)
}

/** The token of the run this page belongs to; null: the page was opened without one. */
export function currentToken(): string | null {
  return token
}

/** Uses another token from now on. Accepts a token, or the whole printed address. */
export function keepToken(text: string): boolean {
  const given = /(?:^|#token=)([\w-]{16,})$/.exec(text.trim())?.[1]
  if (given === undefined) return false
  token = given
  sessionStorage.setItem(KEY, given)
  return true
}
