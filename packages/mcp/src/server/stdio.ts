import { type Readable, Writable } from 'node:stream'
import type { McpServerFactory } from '@modelcontextprotocol/server'
import { StdioServerTransport, serveStdio } from '@modelcontextprotocol/server/stdio'

/** A server that runs until its client goes or it is closed. */
export interface Serving {
  /** Resolves when the client closed its end, or `close` was called. */
  readonly done: Promise<void>
  close(): Promise<void>
}

/** Where a stdio server reads and writes; default the process's own streams. */
export interface StdioStreams {
  readonly stdin?: Readable | undefined
  readonly stdout?: Writable | undefined
  /** Out-of-band errors, for the log. */
  readonly onError?: ((error: Error) => void) | undefined
}

/**
 * Serves one client over stdin and stdout, in the era the client opens with.
 *
 * Nothing but protocol messages reaches stdout: the process's own `stdout.write` is turned to stderr for as long as it serves, so
 * that a `console.log` of some library cannot break the framing.
 */
export function serveVectraStdio(factory: McpServerFactory, streams: StdioStreams = {}): Serving {
  const stdin = streams.stdin ?? process.stdin
  const release = streams.stdout === undefined ? guardStdout() : undefined
  const stdout = streams.stdout ?? release?.real ?? process.stdout
  const { promise, resolve } = Promise.withResolvers<void>()
  const transport = new StdioServerTransport(stdin, stdout)
  const handle = serveStdio(factory, { transport, ...(streams.onError === undefined ? {} : { onerror: streams.onError }) })
  let closed: Promise<void> | undefined
  const close = (): Promise<void> => {
    closed ??= handle.close().finally(() => {
      release?.restore()
      resolve()
    })
    return closed
  }
  // A client that is gone cannot be answered: reading ends, or writing fails.
  stdin.once('end', () => void close())
  stdin.once('close', () => void close())
  stdout.once('error', () => void close())
  return { done: promise, close }
}

/** Turns whatever writes to `process.stdout` to stderr; `real` still writes to stdout. */
function guardStdout(): { readonly real: Writable; restore(): void } {
  const { stdout } = process
  const write = stdout.write.bind(stdout)
  const guarded = stdout.write
  stdout.write = ((chunk: string | Uint8Array, ...rest: unknown[]) => {
    const callback = rest.find((item) => typeof item === 'function') as ((error?: Error | null) => void) | undefined
    return process.stderr.write(chunk, callback)
  }) as typeof stdout.write
  const real = new Writable({
    write(chunk: Buffer, _encoding, done) {
      write(chunk, (error) => done(error ?? null))
    },
  })
  const broken = (error: Error): void => {
    real.destroy(error)
  }
  stdout.on('error', broken)
  return {
    real,
    restore() {
      stdout.off('error', broken)
      stdout.write = guarded
    },
  }
}
