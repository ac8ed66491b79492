import { expect, it } from 'vitest'
import { type CdpTransport, cdpSource, type SourceItem, systemRandom } from '../../../src/index.ts'
import { ManualClock } from '../../support/manual-clock.ts'

const URL = 'wss://feed.test/socket.io/?EIO=4&transport=websocket'

/** A browser with one page that has one socket; what the socket carries is the test's to say. */
class OnePage implements CdpTransport {
  #tell: (text: string) => void = () => {}
  #close: (reason: string) => void = () => {}
  #n = 0

  onMessage(listener: (text: string) => void): void {
    this.#tell = listener
  }
  onClose(listener: (reason: string) => void): void {
    this.#close = listener
  }
  send(text: string): void {
    const { id, method, sessionId } = JSON.parse(text) as { id: number; method: string; sessionId?: string }
    if (method === 'Target.setAutoAttach' && sessionId === undefined) {
      const targetInfo = { targetId: 't', type: 'page', url: 'https://site.test/' }
      this.#event('Target.attachedToTarget', { sessionId: 's', targetInfo, waitingForDebugger: true })
      this.#event('Network.webSocketCreated', { requestId: 'r', url: URL }, 's')
    }
    this.#tell(JSON.stringify({ id, result: {} }))
  }
  close(): void {
    this.#close('closed')
  }
  frames(count: number): void {
    for (let index = 0; index < count; index += 1) {
      this.#n += 1
      const response = { opcode: 1, payloadData: `42["n",${this.#n}]` }
      this.#event('Network.webSocketFrameReceived', { requestId: 'r', timestamp: 1, response }, 's')
    }
  }
  #event(method: string, params: object, sessionId?: string): void {
    this.#tell(JSON.stringify({ method, params, ...(sessionId !== undefined && { sessionId }) }))
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

async function run(body: (page: OnePage, pull: () => Promise<SourceItem | undefined>) => Promise<void>): Promise<SourceItem[]> {
  const page = new OnePage()
  const stop = new AbortController()
  const source = cdpSource({
    connect: async () => page,
    match: (url) => url === URL,
    clock: new ManualClock(),
    random: systemRandom(),
    buffer: { maxItems: 4 },
  })
  const items = source.items(stop.signal)[Symbol.asyncIterator]()
  const seen: SourceItem[] = []
  const first = items.next()
  await turn()
  page.frames(1)
  const keep = ({ value }: IteratorResult<SourceItem, unknown>): SourceItem | undefined => {
    if (value !== undefined) seen.push(value as SourceItem)
    return value as SourceItem | undefined
  }
  keep(await first)
  await body(page, async () => keep(await items.next()))
  stop.abort()
  while (keep(await items.next()) !== undefined);
  return seen
}

const told = (items: readonly SourceItem[]): { frames: number; missed: number } => ({
  frames: items.filter(({ kind }) => kind === 'frame').length,
  missed: items.reduce(
    (sum, item) => sum + (item.kind === 'status' && item.status.kind === 'overflow' ? item.status.missed : 0),
    0,
  ),
})

it('P9: a browser cannot be held back: what was thrown away is counted exactly, once there is room', async () => {
  const items = await run(async (page, pull) => {
    page.frames(99)
    for (let index = 0; index < 6; index += 1) await pull()
    page.frames(1)
  })
  const { frames, missed } = told(items)
  expect(missed).toBeGreaterThan(80)
  expect(frames + missed).toBe(101)
  const last = items.at(-1)
  expect(last?.kind === 'frame' && last.frame.text).toBe('42["n",101]')
})

it('P9: and also when the recording ends before there was room', async () => {
  const items = await run(async (page) => page.frames(99))
  const { frames, missed } = told(items)
  expect(missed).toBeGreaterThan(80)
  expect(frames + missed).toBe(100)
})
