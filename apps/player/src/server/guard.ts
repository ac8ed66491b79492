import { timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

/** Why a request is not answered, or null when it is. */
export type Refusal = { readonly status: 403; readonly code: 'PLAYER_HOST' | 'PLAYER_ORIGIN'; readonly message: string } | null

/**
 * Keeps other machines and other pages out: the server listens on loopback only, but any web page may send requests there.
 *
 * `Host` must name loopback (a page of another name that was rebound to 127.0.0.1 sends its own name), and `Origin`, which
 * browsers add to everything that crosses pages and to every WebSocket, must be this server.
 */
export function refusal(request: Pick<IncomingMessage, 'headers'>, port: number): Refusal {
  const { host, origin } = request.headers
  const hosts = [`127.0.0.1:${port}`, `localhost:${port}`, `[::1]:${port}`]
  if (host === undefined || !hosts.includes(host.toLowerCase()))
    return { status: 403, code: 'PLAYER_HOST', message: `this server answers to ${hosts[0]} alone` }
  if (origin !== undefined && !hosts.some((allowed) => origin.toLowerCase() === `http://${allowed}`))
    return { status: 403, code: 'PLAYER_ORIGIN', message: 'other pages may not talk to this server' }
  return null
}

/** Compares without telling by its time how much was right. */
export function tokenIs(expected: string, given: unknown): boolean {
  if (typeof given !== 'string') return false
  const [a, b] = [Buffer.from(expected), Buffer.from(given)]
  return a.length === b.length && timingSafeEqual(a, b)
}

/**
 * Headers of every answer. Scripts, styles, pictures and connections come from this server alone: nothing is fetched from
 * elsewhere, and nothing in a frame's text can run.
 */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'Content-Security-Policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
}
