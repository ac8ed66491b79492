import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { fingerprintOf, openEndpointEmbedder } from '../../src/index.ts'

async function serve(
  answer: (body: { input: string[]; model: string }) => unknown,
): Promise<{ url: string; seen: string[]; close: () => Promise<void> }> {
  const seen: string[] = []
  const server: Server = createServer((request, response) => {
    let text = ''
    request.on('data', (chunk: Buffer) => {
      text += chunk
    })
    request.on('end', () => {
      seen.push(`${request.url} ${request.headers.authorization ?? '-'}`)
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify(answer(JSON.parse(text))))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`
  return { url, seen, close: () => new Promise((resolve) => server.close(() => resolve())) }
}

it('asks an OpenAI-compatible endpoint and puts vectors in order, at length one', async () => {
  const { url, seen } = await serve(({ input }) => ({
    data: input.map((text, index) => ({ index, embedding: [text.length, 0, 3] })).reverse(),
  }))
  const embedder = await openEndpointEmbedder({ url, model: 'm', apiKey: 'k' })
  const vectors = await embedder.embed(['four', ''])
  expect(vectors.map((vector) => [...vector])).toEqual([
    [expect.closeTo(0.8), 0, expect.closeTo(0.6)],
    [0, 0, 1],
  ])
  expect(seen[0]).toBe('/v1/embeddings Bearer k')
  expect(fingerprintOf(embedder)).toMatch(/^m\/remote\/3\//)
  expect(fingerprintOf(embedder)).not.toContain('Bearer')
})

it('where nobody answers, the error says why', async () => {
  const { url, close } = await serve(() => ({}))
  await close()
  await expect(openEndpointEmbedder({ url, model: 'm' })).rejects.toMatchObject({
    code: 'VECTORS_EMBED',
    message: expect.stringContaining('ECONNREFUSED'),
  })
})

it.each([
  ['nothing', {}],
  ['too few vectors', { data: [] }],
])('%s is a typed error', async (_name, answer) => {
  const { url } = await serve(() => answer)
  await expect(openEndpointEmbedder({ url, model: 'm' })).rejects.toMatchObject({ code: 'VECTORS_EMBED' })
})
