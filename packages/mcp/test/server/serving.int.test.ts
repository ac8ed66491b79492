import { fileURLToPath } from 'node:url'
import { expect, it, onTestFinished } from 'vitest'
import { StdioPeerTransport } from '../../src/clients/stdio-transport.ts'
import { connectPeer, serveVectraHttp, vectraServer } from '../../src/index.ts'
import { fakePorts } from '../fake-ports.ts'

const CHILD = {
  command: process.execPath,
  args: ['--conditions=@vectra/source', fileURLToPath(new URL('./stdio-child.ts', import.meta.url))],
}

it('what a library prints never reaches stdout: every line there is a message', async () => {
  await using peer = await connectPeer(CHILD, { connectMs: 25_000 })
  for (const _again of [1, 2]) {
    const { isError, structured } = await peer.call('status', {})
    expect([isError, structured]).toEqual([false, expect.objectContaining({ data_dir: '/data' })])
  }
  expect(peer.noise).toEqual([])
})

it('a foreign server gets nothing of the environment but what it needs to start, and what it was given', async () => {
  process.env['VECTRA_TEST_SECRET'] = 'a token'
  onTestFinished(() => {
    delete process.env['VECTRA_TEST_SECRET']
  })
  const program = 'process.stderr.write(JSON.stringify(process.env) + "\\n")'
  const transport = new StdioPeerTransport({ command: process.execPath, args: ['-e', program], env: { GIVEN: 'yes' } })
  const gone = new Promise<void>((resolve) => {
    transport.onclose = resolve
  })
  await transport.start()
  await gone
  const env = JSON.parse(transport.stderr) as Record<string, string>
  expect(env).toMatchObject({ GIVEN: 'yes', PATH: process.env['PATH'] })
  expect(Object.keys(env).filter((name) => /VECTRA|TOKEN|KEY|NODE_|npm_/i.test(name))).toEqual([])
})

it('HTTP listens on 127.0.0.1 and nowhere else, not even on the rest of loopback', async () => {
  const serving = await serveVectraHttp(vectraServer({ ports: fakePorts(), version: '0.0.0' }), {
    port: 0,
    token: 'x'.repeat(16),
  })
  onTestFinished(() => serving.close())
  expect((await fetch(serving.url)).status).toBe(401)
  await expect(fetch(serving.url.replace('127.0.0.1', '127.0.0.2'))).rejects.toThrow()
  const { port } = new URL(serving.url)
  await expect(
    serveVectraHttp(vectraServer({ ports: fakePorts(), version: '0.0.0' }), { port: Number(port), token: 'x'.repeat(16) }),
  ).rejects.toMatchObject({ code: 'MCP_PORT_IN_USE' })
})
