import type { Readable, Writable } from 'node:stream'
import { IngestError, messageOf } from '../../errors.ts'

/** A line to a browser's DevTools: JSON texts both ways, over a WebSocket or a pipe. */
export interface CdpTransport {
  send(text: string): void
  onMessage(listener: (text: string) => void): void
  /** Called once, when the other side is gone. */
  onClose(listener: (reason: string) => void): void
  close(): void
}

/**
 * Connects to a browser's DevTools WebSocket, e.g. `ws://127.0.0.1:9222/devtools/browser/<id>`.
 *
 * Whoever reaches that port owns the browser and the wallet in it, so only loopback addresses are accepted.
 *
 * @throws IngestError `INGEST_SOURCE_UNAVAILABLE`; TypeError for a URL that is no loopback WebSocket
 */
export async function connectDevTools(url: string, signal: AbortSignal): Promise<CdpTransport> {
  assertLoopback(url)
  signal.throwIfAborted()
  const socket = new WebSocket(url)
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const abort = (): void => {
    socket.close()
    reject(signal.reason)
  }
  signal.addEventListener('abort', abort, { once: true })
  socket.addEventListener('open', () => resolve(), { once: true })
  socket.addEventListener('error', () => reject(unavailable(url, 'nobody answers')), { once: true })
  try {
    await promise
  } finally {
    signal.removeEventListener('abort', abort)
  }
  return {
    send: (text) => socket.send(text),
    onMessage: (listener) => socket.addEventListener('message', ({ data }) => listener(String(data))),
    onClose: (listener) =>
      socket.addEventListener('close', ({ reason }) => listener(reason || 'browser closed the connection'), { once: true }),
    close: () => socket.close(),
  }
}

/**
 * The line to a browser that was started with `--remote-debugging-pipe`: no port is open, and the browser ends when the pipe
 * does. Closing the transport closes the pipe.
 *
 * @param write its file descriptor 3 @param read its file descriptor 4
 */
export function pipeDevTools(write: Writable, read: Readable): CdpTransport {
  const messages: ((text: string) => void)[] = []
  const closes: ((reason: string) => void)[] = []
  let pieces: Buffer[] = []
  let closed = false
  const close = (reason: string): void => {
    if (closed) return
    closed = true
    for (const listener of closes) listener(reason)
  }
  read.on('data', (data: Buffer) => {
    let from = 0
    for (let end = data.indexOf(0); end !== -1; end = data.indexOf(0, from)) {
      pieces.push(data.subarray(from, end))
      from = end + 1
      const text = (pieces.length === 1 ? (pieces[0] as Buffer) : Buffer.concat(pieces)).toString('utf8')
      pieces = []
      for (const listener of messages) listener(text)
    }
    if (from < data.length) pieces.push(data.subarray(from))
  })
  for (const stream of [read, write]) {
    stream.on('error', (error: Error) => close(messageOf(error)))
    stream.on('close', () => close('browser closed the pipe'))
  }
  read.on('end', () => close('browser closed the pipe'))
  return {
    send(text) {
      if (!closed) write.write(`${text}\0`)
    },
    onMessage: (listener) => void messages.push(listener),
    onClose: (listener) => void closes.push(listener),
    close() {
      write.end()
      read.destroy()
    },
  }
}

/**
 * The browser's DevTools WebSocket URL, asked from its HTTP endpoint, e.g. `http://127.0.0.1:9222`.
 *
 * @throws IngestError `INGEST_SOURCE_UNAVAILABLE`; TypeError for a URL that is no loopback address
 */
export async function findDevTools(httpUrl: string, signal: AbortSignal): Promise<string> {
  assertLoopback(httpUrl)
  let answer: unknown
  try {
    answer = await (await fetch(new URL('/json/version', httpUrl), { signal })).json()
  } catch (error) {
    signal.throwIfAborted()
    throw unavailable(httpUrl, messageOf(error), error)
  }
  const url =
    typeof answer === 'object' && answer !== null && 'webSocketDebuggerUrl' in answer ? answer.webSocketDebuggerUrl : null
  if (typeof url !== 'string') throw unavailable(httpUrl, 'the answer is not a browser’s')
  return url
}

/** @throws TypeError unless the URL is a loopback http or ws address */
export function assertLoopback(url: string): void {
  const { hostname, protocol } = new URL(url)
  if (!/^(https?|wss?):$/.test(protocol)) throw new TypeError(`DevTools URL must be http or ws, not ${protocol}`)
  if (hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname)) return
  throw new TypeError(
    `DevTools at ${hostname} refused: a debug port is full control of the browser and its wallet; use a loopback address`,
  )
}

function unavailable(url: string, reason: string, cause?: unknown): IngestError {
  const message = `no browser at ${url} (${reason}); start one with --remote-debugging-port and its own --user-data-dir`
  return new IngestError('INGEST_SOURCE_UNAVAILABLE', message, { cause, context: { url } })
}
