import { Hono } from 'hono'
import type { ApiContext } from './api/context.ts'
import { problem } from './api/problem.ts'
import { apiRoutes } from './api/routes.ts'
import { SECURITY_HEADERS, tokenIs } from './guard.ts'
import { NOT_BUILT, type StaticFile } from './static-files.ts'

/** Builds what answers HTTP: the page's files for everybody on this machine, `/api` for who has the token. */
export function application(options: {
  readonly token: string
  readonly files: ReadonlyMap<string, StaticFile>
  readonly api: ApiContext
}): Hono {
  const { token, files } = options
  const app = new Hono()
  app.use(async (context, next) => {
    await next()
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) context.header(name, value)
  })
  app.use('/api/*', async (context, next) => {
    const given = /^Bearer (.+)$/.exec(context.req.header('authorization') ?? '')?.[1]
    if (!tokenIs(token, given))
      return problem(
        context,
        401,
        'PLAYER_TOKEN',
        given === undefined ? 'this page has no token' : 'this page belongs to an earlier run of vectra',
        'Open the address that vectra printed when it started.',
      )
    context.header('Cache-Control', 'no-store')
    await next()
    return undefined
  })
  app.route('/api', apiRoutes(options.api))
  app.get('*', (context) => {
    const path = context.req.path === '/' ? '/index.html' : context.req.path
    if (files.size === 0 && path === '/index.html') return context.html(NOT_BUILT, 503)
    const file = files.get(path)
    if (file === undefined) return context.text('not found', 404)
    context.header('Content-Type', file.type)
    context.header('ETag', file.etag)
    context.header('Vary', 'Accept-Encoding')
    context.header('Cache-Control', file.immutable ? 'public, max-age=31536000, immutable' : 'no-cache')
    if (context.req.header('if-none-match') === file.etag) return context.body(null, 304)
    if (file.gzip === null || !/\bgzip\b/.test(context.req.header('accept-encoding') ?? '')) return context.body(file.body)
    context.header('Content-Encoding', 'gzip')
    return context.body(file.gzip)
  })
  return app
}
