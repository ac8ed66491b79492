import { spawn } from 'node:child_process'
import { type GatewayFeed, type Player, PlayerError, type PlayerMode, startPlayer } from '@vectra/player'
import type { CommandContext } from './context.ts'
import { CliError } from './errors.ts'
import { EXIT } from './exit-codes.ts'
import { recordedPorts } from './page-ports.ts'

/** Options of every verb that opens the page. */
export interface PageOptions {
  /** On 127.0.0.1; absent: 4680, or any free one. */
  readonly port?: number
  readonly open?: boolean
}

/** Port of the page unless another is asked for. */
const PAGE_PORT = 4680

/**
 * Starts the page, says where it is, and opens a browser if there is a person to look at it.
 *
 * `VECTRA_PLAYER_TOKEN` keeps the token of an earlier run, so that open pages go on by themselves.
 *
 * @throws PlayerError `PLAYER_PORT_IN_USE`, `PLAYER_LISTEN`
 * @throws CliError `CLI_CONFIG_INVALID` for a token that no page can keep
 */
export async function openPage(
  context: CommandContext,
  { port, open }: PageOptions,
  page: { readonly mode: PlayerMode; readonly dataDir: string | undefined; readonly feed?: GatewayFeed },
): Promise<Player> {
  const { env, io } = context
  const options = { ...page, token: keptToken(env), ports: recordedPorts(context) }
  const player = await startPlayer({ ...options, port: port ?? PAGE_PORT }).catch((error: unknown) => {
    if (port !== undefined || !(error instanceof PlayerError) || error.code !== 'PLAYER_PORT_IN_USE') throw error
    return startPlayer({ ...options, port: 0 })
  })
  io.say(`${page.mode === 'serve' ? 'look at it' : 'play it'}: ${player.url}`)
  if (open !== false && io.stderrIsLive && !context.json) openBrowser(player.url, env)
  return player
}

/** The token to use again; undefined: a new one. */
function keptToken({ VECTRA_PLAYER_TOKEN: token }: CommandContext['env']): string | undefined {
  if (token === undefined || token === '') return undefined
  if (/^[\w-]{16,}$/.test(token)) return token
  throw new CliError('CLI_CONFIG_INVALID', 'VECTRA_PLAYER_TOKEN is no token for an address', {
    exitCode: EXIT.badConfig,
    hint: 'give it 16 or more letters, digits, - or _, or leave it out: each run then has one of its own',
  })
}

/** Settles when the signal aborts. */
export function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

/** Hands the address to the desktop's own opener; where there is none, the printed address has to do. */
function openBrowser(url: string, env: CommandContext['env']): void {
  const opener =
    process.platform === 'darwin' ? 'open' : process.platform === 'win32' ? 'explorer' : desktop(env) ? 'xdg-open' : undefined
  if (opener === undefined) return
  const child = spawn(opener, [url], { detached: true, stdio: 'ignore' })
  child.on('error', () => undefined)
  child.unref()
}

function desktop(env: CommandContext['env']): boolean {
  return env.DISPLAY !== undefined || env.WAYLAND_DISPLAY !== undefined
}
