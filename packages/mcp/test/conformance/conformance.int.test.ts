import { spawn } from 'node:child_process'
import { createServer, request } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type HttpServing, serveVectraHttp, vectraServer } from '../../src/index.ts'
import { fakePorts } from '../fake-ports.ts'
import { registerFixtures } from './fixtures.ts'

const SUITE = join(
  dirname(createRequire(import.meta.url).resolve('@modelcontextprotocol/conformance/package.json')),
  'dist/index.js',
)
const TOKEN = 'a token for this test alone'

/**
 * What our server does not offer, so that no scenario of it applies: it never asks its client for anything (sampling, elicitation,
 * roots, input), sends no logs (stderr has them), and its resources do not change under a client, so none is subscribed to.
 */
const NOT_OFFERED =
  /^(logging-|tools-call-with-logging|tools-call-sampling|tools-call-elicitation|elicitation-|resources-(un)?subscribe|input-required-)/

/** What a proxy in front of it stands for: the suite cannot send a token. Host and Origin go through as they came. */
let serving: HttpServing
let proxy: ReturnType<typeof createServer>

beforeAll(async () => {
  serving = await serveVectraHttp(vectraServer({ ports: fakePorts(), version: '0.0.0', extend: registerFixtures }), {
    port: 0,
    token: TOKEN,
  })
  const { hostname, port } = new URL(serving.url)
  proxy = createServer((incoming, outgoing) => {
    const headers = { ...incoming.headers, authorization: `Bearer ${TOKEN}` }
    const forward = request({ hostname, port, path: incoming.url, method: incoming.method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(outgoing)
    })
    forward.on('error', () => outgoing.destroy())
    outgoing.on('close', () => forward.destroy())
    incoming.pipe(forward)
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
})
afterAll(async () => {
  proxy.closeAllConnections()
  proxy.close()
  await serving.close()
})

function run(...args: readonly string[]): Promise<string> {
  const child = spawn(process.execPath, [SUITE, ...args], {
    env: { PATH: process.env.PATH, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (said += text))
  return new Promise((resolve) => child.once('close', () => resolve(said)))
}

/** One line of the summary per scenario: `✓ ping: 2 passed, 0 failed`. */
function scenarios(said: string): { name: string; passed: number; failed: number }[] {
  return [...said.matchAll(/^[✓✗] ([\w-]+): (\d+) passed, (\d+) failed/gm)].map(([, name = '', passed, failed]) => ({
    ...{ name, passed: Number(passed), failed: Number(failed) },
  }))
}

describe.each(['2025-11-25', '2026-07-28'])('the conformance suite, revision %s', (revision) => {
  it('every scenario of what we offer passes, every check of it', { timeout: 180_000 }, async () => {
    const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}/mcp`
    const all = scenarios(await run('server', '--url', url, '--suite', 'all', '--spec-version', revision))
    const ours = all.filter(({ name }) => !NOT_OFFERED.test(name))
    expect(ours.filter(({ failed }) => failed > 0)).toEqual([])
    expect(ours.length).toBeGreaterThanOrEqual(20)
    expect(ours.reduce((sum, { passed }) => sum + passed, 0)).toBeGreaterThanOrEqual(40)
  })
})
