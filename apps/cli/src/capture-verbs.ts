import { type Command, InvalidArgumentError, Option } from 'commander'
import type { Verb } from './program.ts'
import { parseDuration } from './terminal/units.ts'

type Register = <Options>(command: Command, load: () => Promise<Verb<Options>>) => Command

/** Registers the verbs that deal with live sources: `record`, `browser`. They load nothing before they run. */
export function registerCapture(program: Command, verb: Register): void {
  verb(
    browserOptions(
      program
        .command('record')
        .description('record live feeds until stopped')
        .addOption(
          new Option('--source <name...>', 'what to record, one or several at once (default public_ws)').choices([
            'public_ws',
            'cdp',
            'replay',
          ]),
        )
        .option('--url <url>', 'address of the feed, or of a replay server')
        .option('--path <path>', 'Socket.IO path (default /socket.io)')
        .option('--sockets <n>', 'public_ws: connections that back each other up (default 1)')
        .addOption(
          new Option(
            '--browser <which>',
            'cdp: the browser that runs, one of our own, or whichever there is (default auto)',
          ).choices(['auto', 'attach', 'launch']),
        )
        .option('--reload-on-attach', 'cdp: reload open pages of the site, since identity is sent only on connecting')
        .option('--replay <what>', 'replay: a capture file, or the id of a stored game or session')
        .option('--speed <factor>', 'replay: 1 is recorded time, max is as fast as it goes', speed, 1)
        .option('--loop', 'replay: start again at the end')
        .option('--duration <time>', 'stop after this long, e.g. 10s, 2h', duration)
        .option('--until-games <n>', 'stop when this many games have ended', positiveInteger)
        .option('--until-end', 'stop when the server ends the feed, instead of connecting again')
        .option('--connect-timeout <time>', 'give up when no connection succeeds in this time; 0 waits for ever (default 20s)')
        .option('--stale-after <time>', 'renew a connection silent for this long (default 30s)')
        .option('--flush-events <n>', 'events until a flush (default 100)')
        .option('--flush-interval <time>', 'time until a flush (default 5s)')
        .addOption(new Option('--encoder <name>', 'what writes part files (default duckdb)').choices(['duckdb', 'parquetjs']))
        .option('--compact-every <time>', 'merge small part files this often, or off (default 5m)')
        .option('--scrub-every <time>', 'read all files and compare checksums this often, or off (default off)')
        .option(
          '--ops-port <:port>',
          'status and metrics on 127.0.0.1: a port, auto (9464 or any free one) or off (default auto)',
        )
        .option('--takeover', 'connect, then stop the recorder of the same feed that runs already: no tick is lost'),
    ),
    async () => (await import('./commands/record.ts')).record,
  )
  const browser = program.command('browser').description('the logged-in browser that --source cdp records')
  verb(
    browserOptions(
      browser
        .command('launch')
        .description('open a browser with a profile of its own, to log in and be recorded; it ends with this command'),
    )
      .option('--port <:port>', 'debug port on 127.0.0.1, so that record can attach (default: any free one)', port)
      .addOption(new Option('--pipe', 'open no debug port: for logging in only').conflicts('port')),
    async () => (await import('./commands/browser.ts')).launch,
  )
  verb(
    browserOptions(browser.command('attach').description('check that a running browser can be recorded, and what to do if not')),
    async () => (await import('./commands/browser.ts')).attach,
  )
  verb(
    browserOptions(browser.command('status').description('is the browser running, and what is open in it')),
    async () => (await import('./commands/browser.ts')).status,
  )
  verb(
    browserOptions(browser.command('close').description('close the browser in order')),
    async () => (await import('./commands/browser.ts')).close,
  )
}

/** Registers `replay`. */
export function registerReplay(program: Command, verb: Register): void {
  verb(
    program
      .command('replay')
      .description('play a capture file, a stored game or session again: print its events, or serve it as a live Socket.IO feed')
      .argument('<file|game|session>', 'a capture file, or the id of a stored game or session')
      .option('--as-server <:port>', 'serve it on 127.0.0.1, e.g. :7400 (:0 for any free port), instead of printing it', port)
      .option('--speed <factor>', '1 is recorded time, max is as fast as it goes', speed, 1)
      .option('--loop', 'start again at the end')
      .option('--step', 'frame by frame: n or space next, p play or pause, + - faster and slower, q stop')
      .option('--once', 'with --as-server: leave when a client has got everything')
      .addOption(new Option('--raw', 'print the frames as received, nothing else').conflicts('asServer')),
    async () => (await import('./commands/replay.ts')).replay,
  )
}

/** Options of every verb that deals with the browser. */
function browserOptions(command: Command): Command {
  return command
    .option('--browser-profile <dir>', "the browser's own profile, where its login stays (default ~/.vectra/browser)")
    .option('--browser-path <program>', 'Chromium or Chrome (default: where it usually is)')
    .option('--browser-devtools <address>', 'attach here, e.g. http://127.0.0.1:9222; loopback only')
    .option('--browser-page <url>', 'page a launched browser opens (default https://rugs.fun)')
    .option('--browser-arg <argument...>', 'more arguments for a launched browser, as --browser-arg=--lang=en')
    .option('--headless', 'launch without a window: nobody can log in there')
}

/** A port on this machine; nothing else is served. */
export function port(text: string): number {
  const match = /^(?:127\.0\.0\.1|localhost)?:?(\d{1,5})$/.exec(text)
  const value = Number(match?.[1] ?? Number.NaN)
  if (!(value <= 65_535))
    throw new InvalidArgumentError('Expected a port on this machine such as :7400; only 127.0.0.1 is served.')
  return value
}

/** A factor, or `max`. */
export function speed(text: string): number | 'max' {
  if (text === 'max') return 'max'
  const value = Number(text.replace(/x$/, ''))
  if (!Number.isFinite(value) || value <= 0) throw new InvalidArgumentError('Expected a factor such as 1, 5 or 0.5, or max.')
  return value
}

function positiveInteger(text: string): number {
  if (!/^\d{1,15}$/.test(text) || Number(text) === 0) throw new InvalidArgumentError('Expected a whole number above 0.')
  return Number(text)
}

function duration(text: string): number {
  const ms = parseDuration(text)
  if (ms === undefined || ms === 0) throw new InvalidArgumentError('Expected a duration such as 10s, 5m or 2h.')
  return ms
}
