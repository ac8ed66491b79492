import {
  type ReplayControl as Control,
  ReplayControl,
  replayEvents,
  type Speed,
  serveReplay,
  systemClock,
  systemRandom,
} from '@vectra/ingest'
import type { EventEnvelope } from '@vectra/schemas'
import type { CommandContext } from '../context.ts'
import { CliError } from '../errors.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { openRecording, type Recording } from '../recordings.ts'
import { REPLAY_KEYS, readReplayKeys } from '../replay-keys.ts'
import { cutTo, printable } from '../terminal/text.ts'
import { plural } from '../terminal/units.ts'
import { formatWhen, isoMicros } from '../terminal/when.ts'

/** Options of `vectra replay`. */
export interface ReplayOptions {
  /** Port on 127.0.0.1; 0 for any. Without it the events are printed. */
  readonly asServer?: number
  readonly speed: Speed
  readonly loop?: boolean
  readonly once?: boolean
  /** Frame by frame, at a key. */
  readonly step?: boolean
  readonly raw?: boolean
}

/**
 * `vectra replay`: recorded frames at their recorded pace, decoded and printed, or with `--as-server` served byte for byte to any
 * Socket.IO client.
 */
export async function replay(context: CommandContext, [what = '']: readonly string[], options: ReplayOptions): Promise<ExitCode> {
  if (options.once === true && options.asServer === undefined)
    throw new CliError('CLI_USAGE', '--once is for --as-server: without it a replay ends with the recording', {
      exitCode: EXIT.usage,
    })
  await using recording = await openRecording(context, what)
  const stop = new AbortController()
  const stopping: CommandContext = { ...context, signal: AbortSignal.any([context.signal, stop.signal]) }
  const control = options.step === true ? new ReplayControl({ paused: true, speed: options.speed }) : undefined
  using _keys = control === undefined ? nothing : readReplayKeys(control, () => stop.abort())
  if (control !== undefined && !context.quiet) context.io.say(REPLAY_KEYS)
  // Awaited here: the recording and the keys are held until it is over.
  return options.asServer === undefined
    ? await print(stopping, recording, options, control)
    : await serve(stopping, recording, { ...options, asServer: options.asServer }, control)
}

const nothing: Disposable = { [Symbol.dispose]: () => undefined }

/** Prints what the recording decodes to; nothing is stored. */
async function print(
  { io, signal, json, display, quiet, ...context }: CommandContext,
  { records, name }: Recording,
  { speed, loop = false, raw = false }: ReplayOptions,
  control: Control | undefined,
): Promise<ExitCode> {
  const settings = await context.settings()
  const log = await context.log(settings)
  let seen = 0
  const text = (): string => `${name}  ${speedOf(control, speed)}  ${plural(seen, 'event')}`
  using _status = display.show({ text, fields: () => ({ replay: name, events: seen }) }, log, { quiet })
  const clock = systemClock()
  const events = replayEvents(records, {
    ...{ clock, random: systemRandom(), speed, loop, signal, times: 'recorded' },
    ...(control === undefined ? {} : { control }),
  })
  for await (const event of events) {
    seen += 1
    if (raw) {
      if (event.packet !== '') await io.line(event.packet + event.raw_json)
    } else if (json) await io.line(JSON.stringify(eventJson(event)))
    else await io.line(eventText(event, io.stdoutIsTerminal ? io.columns() : undefined))
  }
  return EXIT.ok
}

async function serve(
  { io, signal, json, display, quiet, ...context }: CommandContext,
  { records, name }: Recording,
  options: ReplayOptions & { readonly asServer: number },
  control: Control | undefined,
): Promise<ExitCode> {
  const settings = await context.settings()
  const log = await context.log(settings)
  await using server = await serveReplay({
    records,
    clock: systemClock(),
    port: options.asServer,
    speed: options.speed,
    loop: options.loop === true,
    ...(control === undefined ? {} : { control }),
  })
  if (json)
    await io.line(
      JSON.stringify({
        event: 'listening',
        url: server.url,
        port: server.port,
        replay: name,
        speed: options.speed,
        loop: options.loop === true,
      }),
    )
  else {
    const together = control === undefined ? 'each client starts at the beginning' : 'all clients share it'
    io.say(
      `serving ${name} on ${server.url} (${speedOf(control, options.speed)}${options.loop === true ? ', looping' : ''}); ${together}`,
    )
    io.say(`record it: vectra record --url ${server.url} --until-end`)
  }
  const startedAt = performance.now()
  {
    using _status = display.show(
      {
        text: () =>
          `${server.url}  ${speedOf(control, options.speed)}  ${plural(server.clients, 'client')}  ${plural(server.sent, 'event')} sent`,
        fields: () => ({ url: server.url, clients: server.clients, sent: server.sent }),
      },
      log,
      { quiet },
    )
    const stopped = aborted(signal)
    // A recording that cannot be read any more is an error, whoever is listening.
    await Promise.race([stopped, options.once === true ? server.done : server.done.then(() => stopped)])
  }
  const { sent } = server
  await server.close()
  await io.line(
    JSON.stringify({
      ...(json ? { event: 'stopped' } : {}),
      replay: name,
      sent,
      elapsed_ms: Math.round(performance.now() - startedAt),
      exit: 'clean',
    }),
  )
  return EXIT.ok
}

function speedOf(control: Control | undefined, speed: Speed): string {
  const now = control?.speed ?? speed
  return control?.paused ? 'paused' : now === 'max' ? 'as fast as it goes' : `×${now}`
}

/** One event as one line for people. */
function eventText(event: EventEnvelope, width = 160): string {
  const arrow = event.direction === 'received' ? '←' : event.direction === 'sent' ? '→' : '·'
  const game = event._game_id === null ? '' : ` ${event._game_id.slice(-8)}`
  const issues = event.issues === null ? '' : '  (does not fit its schema)'
  const text = event.raw_json.slice(0, 400)
  return cutTo(`${formatWhen(event._ts)}  #${event._seq} ${arrow} ${event.event_name}${game}  ${printable(text)}${issues}`, width)
}

/** The same event for programs; `packet` and `raw_json` are the frame. */
function eventJson(event: EventEnvelope): Readonly<Record<string, unknown>> {
  const { _ts, _seq, _game_id, direction, event_name, ack_id, trace_id, packet, raw_json, issues, acked } = event
  const ids = { game_id: _game_id, ack_id, trace_id }
  return { ts: isoMicros(_ts), seq: _seq, direction, event_name, ...ids, packet, raw_json, issues, acked }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    if (signal.aborted) done()
    else signal.addEventListener('abort', () => done(), { once: true })
  })
}
