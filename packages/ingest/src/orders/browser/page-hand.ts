import type { Clock } from '@vectra/schemas'
import { IngestError } from '../../errors.ts'
import { CdpClient } from '../../sources/cdp/client.ts'
import type { CdpTransport } from '../../sources/cdp/transport.ts'
import type { PageAnswer } from './page-script.ts'

/** Name of the script world in which the page is read: it shares the page's elements, not its variables. */
const WORLD = 'vectra-orders'

/** A page in which an order is being placed. Dispose to let go of it. */
export interface HeldPage extends Disposable {
  /** @throws IngestError `INGEST_SOURCE_FAILED` when the browser or the page went; the expression may have run */
  run(expression: string): Promise<PageAnswer>
}

/** The hand at the browser: connects when it is first needed, and again after the browser was gone. */
export class PageHand {
  readonly #connect: (signal: AbortSignal) => Promise<CdpTransport>
  readonly #matchPage: (url: string) => boolean
  readonly #clock: Clock
  readonly #stop = new AbortController()
  #client: Promise<CdpClient> | null = null

  constructor(connect: (signal: AbortSignal) => Promise<CdpTransport>, matchPage: (url: string) => boolean, clock: Clock) {
    this.#connect = connect
    this.#matchPage = matchPage
    this.#clock = clock
  }

  /**
   * The one page of the site that is open.
   *
   * @throws IngestError `INGEST_SOURCE_UNAVAILABLE` when there is no browser, no such page, or more than one
   */
  async page(): Promise<HeldPage> {
    const client = await this.#open()
    const { targetInfos } = await client.send('Target.getTargets')
    const pages = (targetInfos as { targetId: string; type: string; url: string }[]).filter(
      ({ type, url }) => type === 'page' && this.#matchPage(url),
    )
    const [page, ...others] = pages
    if (page === undefined) throw unavailable('the site is not open in the browser')
    if (others.length > 0) throw unavailable(`${pages.length} pages of the site are open; close all but one`)
    const { sessionId } = await client.send('Target.attachToTarget', { targetId: page.targetId, flatten: true })
    const session = String(sessionId)
    const release = (): void => client.tell('Target.detachFromTarget', { sessionId: session })
    try {
      const { frameTree } = await client.send('Page.getFrameTree', {}, session)
      const { id: frameId } = (frameTree as { frame: { id: string } }).frame
      const world = await client.send('Page.createIsolatedWorld', { frameId, worldName: WORLD }, session)
      const contextId = world['executionContextId']
      return {
        async run(expression) {
          const answer = await client.send(
            'Runtime.evaluate',
            { expression, contextId, awaitPromise: true, returnByValue: true, userGesture: true },
            session,
          )
          return answerOf(answer)
        },
        [Symbol.dispose]: release,
      }
    } catch (error) {
      release()
      throw error
    }
  }

  close(): void {
    this.#stop.abort()
    void this.#client?.then((client) => client.close()).catch(() => {})
  }

  #open(): Promise<CdpClient> {
    this.#client ??= this.#connect(this.#stop.signal).then(
      (transport) => {
        const client = new CdpClient(
          transport,
          this.#clock,
          () => {},
          () => {
            this.#client = null
          },
        )
        return client
      },
      (error: unknown) => {
        this.#client = null
        throw error
      },
    )
    return this.#client
  }
}

function answerOf(answer: Readonly<Record<string, unknown>>): PageAnswer {
  const value = (answer['result'] as { value?: unknown } | undefined)?.value
  if (typeof value === 'object' && value !== null && 'problem' in value) {
    const { problem } = value
    return { problem: problem === null ? null : String(problem) }
  }
  return { problem: 'the page could not be read' }
}

function unavailable(message: string): IngestError {
  return new IngestError('INGEST_SOURCE_UNAVAILABLE', message)
}
