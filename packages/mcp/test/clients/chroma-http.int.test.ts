import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, it } from 'vitest'
import { openChromaHttp } from '../../src/index.ts'

/** A server whose heart beats, and that answers everything else as told. */
async function chroma(answer: (response: ServerResponse) => void) {
  const server = createServer(({ url }, response) => {
    if (url?.endsWith('/heartbeat') === true) response.end('{"nanosecond heartbeat": 1}')
    else answer(response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

it('a Chroma server that stops in the middle of an answer is a timeout, one that hangs up a lost connection', async () => {
  await using silent = await chroma((response) => void response.write('['))
  const waiting = await openChromaHttp({ url: silent.url, timeoutMs: 2_000 })
  await expect(waiting.collections()).rejects.toMatchObject({ code: 'MCP_TIMEOUT' })

  await using dying = await chroma((response) => void response.write('[', () => response.destroy()))
  const cut = await openChromaHttp({ url: dying.url })
  await expect(cut.collections()).rejects.toMatchObject({ code: 'MCP_CONNECT' })
})

it('a Chroma server that is stopped by the caller says so, not that nothing answers', async () => {
  await using silent = await chroma((response) => void response.write('['))
  const source = await openChromaHttp({ url: silent.url })
  const stop = new AbortController()
  const asked = source.collections(stop.signal)
  stop.abort(new Error('stopped'))
  await expect(asked).rejects.toThrow('stopped')
})
