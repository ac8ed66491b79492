import { request } from 'node:http'
import { expect, it } from 'vitest'
import { startPlayer } from '../../src/index.ts'

/** A request with headers that `fetch` would not send. */
function ask(
  port: number,
  path: string,
  headers: Record<string, string>,
): Promise<{ status: number; body: string; headers: object }> {
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, path, headers }, (response) => {
      let body = ''
      response.setEncoding('utf8')
      response.on('data', (chunk) => (body += chunk))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body, headers: response.headers }))
    })
      .on('error', reject)
      .end()
  })
}

it('answers the API only with the token, and says what to do without it', async () => {
  await using player = await startPlayer({ mode: 'serve' })
  const without = await fetch(`${player.origin}/api/session`)
  expect(without.status).toBe(401)
  expect(await without.json()).toMatchObject({ error: { code: 'PLAYER_TOKEN', next: expect.stringContaining('address') } })
  const wrong = await fetch(`${player.origin}/api/session`, { headers: { Authorization: 'Bearer wrong' } })
  expect(wrong.status).toBe(401)
  const right = await fetch(`${player.origin}/api/session`, { headers: { Authorization: `Bearer ${player.token}` } })
  expect(await right.json()).toMatchObject({ protocol: 1, mode: 'serve' })
})

it('answers to its own name and origin alone', async () => {
  await using player = await startPlayer({ mode: 'serve' })
  const { port } = player
  const own = `127.0.0.1:${port}`
  expect((await ask(port, '/', { Host: 'evil.test' })).status).toBe(403)
  expect((await ask(port, '/', { Host: `evil.test:${port}` })).status).toBe(403)
  expect((await ask(port, '/', { Host: own, Origin: 'https://evil.test' })).status).toBe(403)
  expect((await ask(port, '/socket.io/?EIO=4&transport=polling', { Host: own, Origin: 'https://evil.test' })).status).toBe(403)
  expect((await ask(port, '/socket.io/?EIO=4&transport=polling', { Host: own, Origin: `http://${own}` })).status).toBe(200)
})

it('sends every answer with a policy that lets nothing in from elsewhere', async () => {
  await using player = await startPlayer({ mode: 'serve' })
  for (const path of ['/', '/nothing', '/api/session']) {
    const { headers } = await fetch(`${player.origin}${path}`)
    expect(headers.get('content-security-policy')).toMatch(
      /default-src 'none'.*script-src 'self'.*style-src 'self'.*frame-ancestors 'none'/,
    )
    expect(headers.get('content-security-policy')).not.toContain('unsafe')
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('referrer-policy')).toBe('no-referrer')
  }
})

it('a taken port is an error with a code', async () => {
  await using player = await startPlayer({ mode: 'serve' })
  await expect(startPlayer({ mode: 'serve', port: player.port })).rejects.toMatchObject({ code: 'PLAYER_PORT_IN_USE' })
})
