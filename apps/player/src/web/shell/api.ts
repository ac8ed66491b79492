import type { ApiError } from '../../protocol/messages.ts'
import { currentToken } from './token.ts'

/** An answer that is an error: `code` is stable, `message` and `next` are for the person. */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem'
  readonly code: string
  readonly next: string
  readonly status: number

  constructor(status: number, { error }: ApiError) {
    super(error.message)
    this.status = status
    this.code = error.code
    this.next = error.next
  }
}

/** How to ask. */
export interface ApiOptions {
  readonly signal?: AbortSignal
  readonly query?: Readonly<Record<string, string | number | undefined>>
  /** Sent as JSON with POST. */
  readonly body?: unknown
}

/**
 * Asks the gateway: `apiJson('/session')`. Carries the token.
 *
 * @throws ApiProblem with words for the person; an abort stays an `AbortError`
 */
export async function apiJson<T>(path: string, options: ApiOptions = {}): Promise<T> {
  return (await (await apiResponse(path, options)).json()) as T
}

/** The same, as the raw response: for downloads (`blob()`) and streams. */
export async function apiResponse(path: string, { signal, query = {}, body }: ApiOptions = {}): Promise<Response> {
  const parameters = new URLSearchParams(
    Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])),
  ).toString()
  let response: Response
  try {
    response = await fetch(`./api${path}${parameters === '' ? '' : `?${parameters}`}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        Authorization: `Bearer ${currentToken() ?? ''}`,
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
    })
  } catch (cause) {
    if (signal?.aborted) throw cause
    throw new ApiProblem(0, {
      error: {
        code: 'PLAYER_DOWN',
        message: 'The gateway does not answer.',
        next: 'Start vectra again; this page goes on by itself.',
      },
    })
  }
  if (response.ok) return response
  const text = await response.text()
  throw new ApiProblem(response.status, errorOf(text, response.status))
}

function errorOf(text: string, status: number): ApiError {
  try {
    const parsed = JSON.parse(text) as ApiError
    if (typeof parsed.error.message === 'string') return parsed
  } catch {
    // Not ours: said below.
  }
  return { error: { code: 'PLAYER_HTTP', message: `The gateway answered ${status}.`, next: 'Reload the page.' } }
}
