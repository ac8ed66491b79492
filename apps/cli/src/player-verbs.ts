import { type Command, InvalidArgumentError, Option } from 'commander'
import { port, speed } from './capture-verbs.ts'
import type { Verb } from './program.ts'
import { parseDuration } from './terminal/units.ts'

type Register = <Options>(command: Command, load: () => Promise<Verb<Options>>) => Command

/** Registers the verbs that open the page: `play`, `serve`. They load nothing before they run. */
export function registerPlayer(program: Command, verb: Register): void {
  verb(
    pageOptions(
      limitOptions(
        program
          .command('play')
          .description('play or watch a live source in the browser, recorded')
          .addOption(
            new Option('--source <name>', 'what to watch; orders go through a browser (cdp), or with a --token over a socket')
              .choices(['public_ws', 'cdp', 'replay'])
              .default('public_ws'),
          )
          .option('--url <url>', 'address of the feed')
          .option('--path <path>', 'Socket.IO path (default /socket.io)')
          .option('--token <token>', 'log in with this token and play over a socket of our own (better: VECTRA_PLAY_TOKEN)')
          .option('--browser-profile <dir>', "cdp: the browser's own profile, where its login stays (default ~/.vectra/browser)")
          .option('--browser-devtools <address>', 'cdp: attach here, e.g. http://127.0.0.1:9222; loopback only')
          .option('--browser-page <url>', 'cdp: the page that has the controls (default https://rugs.fun)')
          .option('--replay <what>', 'replay: a capture file, or the id of a stored game or session')
          .option('--speed <factor>', 'replay: 1 is recorded time, max is as fast as it goes', speed, 1)
          .option('--loop', 'replay: start again at the end')
          .option('--watch', 'no orders, whatever the source allows')
          .option('--duration <time>', 'stop after this long, e.g. 30s', duration),
      ),
    ),
    async () => (await import('./commands/play.ts')).play,
  )
  verb(
    pageOptions(program.command('serve').description('replay and data of what is recorded, in the browser; nothing is written')),
    async () => (await import('./commands/serve.ts')).serve,
  )
}

/** Where the page is, and whether a browser opens. */
export function pageOptions(command: Command): Command {
  return command
    .option('--port <:port>', 'where the page is on 127.0.0.1 (default :4680, or any free one)', port)
    .option('--no-open', 'do not open a browser; the address is printed')
}

/** What the gateway refuses, whatever the page asks. */
export function limitOptions(command: Command): Command {
  return command
    .option('--max-bet <sol>', 'largest buy or sidebet', amount)
    .option('--max-loss <sol>', 'most that this run may lose', amount)
}

function amount(text: string): string {
  if (!/^(?:0|[1-9]\d{0,5})(?:\.\d{1,9})?$/.test(text))
    throw new InvalidArgumentError('Expected a SOL amount such as 0.01, with at most nine decimals.')
  return text
}

function duration(text: string): number {
  const ms = parseDuration(text)
  if (ms === undefined || ms === 0) throw new InvalidArgumentError('Expected a duration such as 10s, 5m or 2h.')
  return ms
}
