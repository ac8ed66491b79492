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
  api.notFound((request) =>
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
    if (code.startsWith('STORE_') || code.startsWith('QUERY_'))
      return problem(request, 503, code, error.message, 'vectra doctor says more about the data directory.')
    return problem(request, 500, code, error.message, 'Try again; if it stays, the log of vectra says more.')
  })
  return api
}
