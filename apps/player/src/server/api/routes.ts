import { Hono } from 'hono'
import { PROTOCOL, type SessionInfo } from '../../protocol/messages.ts'
import { dataRoutes } from '../recorded/data-routes.ts'
import { replayRoutes } from '../recorded/replay-routes.ts'
import type { ApiContext } from './context.ts'
import { problem } from './problem.ts'

/**
 * Everything below `/api`. The token was checked before a request comes here; a screen's routes are a `Hono` of their own,
 * mounted with one `route()` line.
 */
export function apiRoutes(context: ApiContext): Hono {
  const api = new Hono()
  api.get('/session', (request) =>
    request.json({
      protocol: PROTOCOL,
      version: context.version,
      mode: context.mode,
      runId: context.runId,
      dataDir: context.dataDir,
      now: context.clock.now() / 1_000,
    } satisfies SessionInfo),
  )
  api.route('/replay', replayRoutes(context.recorded, context.ports))
  api.route('/data', dataRoutes(context.recorded, context.ports, context.clock))
  // Not `notFound`: of an app that is mounted in another one, that is never asked.
  api.all('*', (request) =>
    problem(
      request,
      404,
      'PLAYER_NO_ROUTE',
      `this gateway has no ${request.req.method} ${request.req.path}`,
      'The page and the gateway are of different versions: reload the page.',
    ),
  )
  api.onError((error, request) => {
    const code = 'code' in error && typeof error.code === 'string' ? error.code : 'PLAYER_INTERNAL'
    if (code === 'PLAYER_NO_DATA')
      return problem(request, 404, code, error.message, 'Start vectra with --data-dir, or record something first.')
    if (isLocked(error))
      return problem(
        request,
        503,
        'PLAYER_STORE_LOCKED',
        'another program holds the data directory locked',
        'Wait until it is done, then try again; vectra doctor says who uses the data.',
      )
    if (code.startsWith('STORE_') || code.startsWith('QUERY_'))
      return problem(request, 503, code, error.message, 'vectra doctor says more about the data directory.')
    return problem(request, 500, code, error.message, 'Try again; if it stays, the log of vectra says more.')
  })
  return api
}

/** Was a file of SQLite held by another connection (its codes BUSY and LOCKED)? */
function isLocked(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause)
    if ('errcode' in at && typeof at.errcode === 'number' && [5, 6].includes(at.errcode & 0xff)) return true
  return false
}
