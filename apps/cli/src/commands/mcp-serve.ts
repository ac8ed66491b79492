import { randomBytes } from 'node:crypto'
import { serveVectraHttp, serveVectraStdio, vectraServer } from '@vectra/mcp'
import type { CommandContext } from '../context.ts'
import { existingDir } from '../existing-dir.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { indexerConfig } from '../indexing.ts'
import { openPorts } from '../mcp/ports.ts'
import { packageVersion } from '../version.ts'

/** Options of `vectra mcp serve`. */
export interface ServeOptions {
  readonly http?: number | true
  readonly allowSql?: boolean
  readonly allowWrite?: boolean
  readonly repo?: string
  readonly model?: string
}

/** Port of `--http` without one. */
const DEFAULT_PORT = 8787

/** `vectra mcp serve`: serves agents over stdin and stdout, or on loopback, until the client goes or the command is stopped. */
export async function serve(context: CommandContext, _operands: readonly string[], options: ServeOptions): Promise<ExitCode> {
  const { io, signal, env } = context
  const settings = await context.settings()
  if (options.repo !== undefined) existingDir(context.cwd, options.repo, '--repo')
  await using open = openPorts(settings, indexerConfig(context, settings, options), {
    allowSql: options.allowSql === true,
    allowWrite: options.allowWrite === true,
  })
  const log = await context.log(settings)
  const onError = (error: Error): void => log.debug('a message was refused', { message: error.message })
  const factory = vectraServer({ ports: open.ports, version: packageVersion() })
  if (options.http === undefined) {
    const serving = serveVectraStdio(factory, { onError })
    const stop = (): void => void serving.close()
    signal.addEventListener('abort', stop, { once: true })
    if (signal.aborted) stop()
    await serving.done
    return EXIT.ok
  }
  const given = env.VECTRA_MCP_TOKEN
  const token = given || randomBytes(24).toString('hex')
  const serving = await serveVectraHttp(factory, { port: options.http === true ? DEFAULT_PORT : options.http, token, onError })
  if (context.json) await io.line(JSON.stringify({ url: serving.url }))
  io.say(`serving ${serving.url}`)
  if (!given) io.say(`token for this run (VECTRA_MCP_TOKEN sets one): ${token}`)
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
  await serving.close()
  return EXIT.ok
}
