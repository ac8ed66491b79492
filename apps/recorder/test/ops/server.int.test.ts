import { request } from 'node:http'
import { afterEach, expect, it } from 'vitest'
import { type OpsServer, type OpsViews, serveOps } from '../../src/ops/server.ts'

let ready = true
const views: OpsViews = {
  health: () => ({ status: 'ok' }),
  readiness: () => ({ ready, reasons: ready ? [] : ['no frame yet'] }),
  status: () => ({ events: 3 }),
  metrics: { contentType: 'text/plain; version=0.0.4; charset=utf-8', text: async () => 'vectra_events_total 3\n' },
}

const open: OpsServer[] = []
async function serve(port = 0): Promise<OpsServer> {
  const server = await serveOps(views, port)
  open.push(server)
  return server
}
afterEach(async () => {
  ready = true
  for (const server of open.splice(0)) await server.close()
})

/** A request with any Host header; fetch would put its own. */
function ask(
  port: number,
  path: string,
  { host, method = 'GET' }: { host?: string; method?: string } = {},
): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const call = request(
      { host: '127.0.0.1', port, path, method, ...(host === undefined ? {} : { headers: { host } }) },
      (response) => {
        let body = ''
        response.setEncoding('utf8').on('data', (text: string) => {
          body += text
        })
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body }))
      },
    )
    call.on('error', reject)
    call.end()
  })
}

it('answers health, readiness, status and metrics', async () => {
  const { url } = await serve()
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
  expect(await (await fetch(`${url}/healthz`)).json()).toEqual({ status: 'ok' })
  expect(await (await fetch(`${url}/status`)).json()).toEqual({ events: 3 })
  const metrics = await fetch(`${url}/metrics`)
  expect(metrics.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
  expect(await metrics.text()).toBe('vectra_events_total 3\n')
  expect((await fetch(`${url}/readyz`)).status).toBe(200)
  ready = false
  const no = await fetch(`${url}/readyz`)
  expect([no.status, await no.json()]).toEqual([503, { ready: false, reasons: ['no frame yet'] }])
  expect((await fetch(`${url}/nothing`)).status).toBe(404)
})

it.each([
  ['127.0.0.1:9464', 200],
  ['localhost', 200],
  ['LOCALHOST:1', 200],
  ['[::1]:9464', 200],
  ['rebound.example', 403],
  ['127.0.0.1.rebound.example:9464', 403],
  ['localhost.example', 403],
] as const)('a page that had its own name point here gets nothing: host %j is %d', async (host, status) => {
  const { port } = await serve()
  const answer = await ask(port, '/status', { host })
  expect(answer.status).toBe(status)
  expect(answer.body.includes('"events"')).toBe(status === 200)
})

it.each(['POST', 'PUT', 'DELETE', 'OPTIONS'])('%s is refused: nothing can be changed here', async (method) => {
  const { port } = await serve()
  expect((await ask(port, '/status', { method })).status).toBe(405)
})

it('a port that is taken is RECORDER_PORT_IN_USE, with what to do', async () => {
  const { port } = await serve()
  await expect(serveOps(views, port)).rejects.toMatchObject({
    code: 'RECORDER_PORT_IN_USE',
    context: { port, hint: expect.stringContaining('--ops-port') },
  })
})

it('closing ends connections that are kept alive, frees the port, and may be done twice', async () => {
  const server = await serve()
  await (await fetch(`${server.url}/healthz`)).text()
  await Promise.all([server.close(), server.close()])
  await expect(fetch(`${server.url}/healthz`)).rejects.toThrow()
  expect((await serve(server.port)).port).toBe(server.port)
})
