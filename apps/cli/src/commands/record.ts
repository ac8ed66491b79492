import { setFlagsFromString } from 'node:v8'
import type { EventStore } from '@vectra/event-store'
import { plainAddress, type Speed } from '@vectra/ingest'
import {
  type OpsConfig,
  type Recorder,
  type RecorderConfig,
  type RecorderStatus,
  type RecordReport,
  record as runRecording,
  type SourceConfig,
  type TakeoverStep,
} from '@vectra/recorder'
import { type BrowserOptions, browserConfig, browserFlags } from '../browser-settings.ts'
import type { SettingValues } from '../config/schema.ts'
import { type CommandContext, flag } from '../context.ts'
import { CliError } from '../errors.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { failureOf } from '../failure.ts'
import { recordingLine, StatusRate, statusFields } from '../recording-status.ts'
import { openRecording, type Recording } from '../recordings.ts'
import type { Log } from '../terminal/log.ts'

/** Options of `vectra record`. */
export interface RecordOptions extends BrowserOptions {
  readonly source?: readonly string[]
  readonly url?: string
  readonly path?: string
  readonly sockets?: string
  readonly browser?: string
  readonly reloadOnAttach?: boolean
  /** File, game or session that the source `replay` plays. */
  readonly replay?: string
  readonly speed: Speed
  readonly loop?: boolean
  readonly duration?: number
  readonly untilGames?: number
  readonly untilEnd?: boolean
  readonly connectTimeout?: string
  readonly staleAfter?: string
  readonly flushEvents?: string
  readonly flushInterval?: string
  readonly encoder?: string
  readonly compactEvery?: string
  readonly scrubEvery?: string
  readonly opsPort?: string
  readonly takeover?: boolean
}

/** Port for status and metrics unless another is asked for. */
export const OPS_PORT = 9464

/**
 * `vectra record`: records until stopped, then prints one line of JSON.
 *
 * The garbage collector keeps the young heap small: a process that stays for months is worth 100 MB less for a tenth more CPU
 * (measured at 100 events a second; see docs/benchmarks.md).
 */
export async function record(context: CommandContext, _operands: readonly string[], options: RecordOptions): Promise<ExitCode> {
  const { values, ...rest } = await context.settings({
    'record.source': flag('--source', options.source?.join(',')),
    'record.url': flag('--url', options.url),
    'record.path': flag('--path', options.path),
    'record.sockets': flag('--sockets', options.sockets),
    'record.browser': flag('--browser', options.browser),
    'record.connectTimeout': flag('--connect-timeout', options.connectTimeout),
    'record.staleAfter': flag('--stale-after', options.staleAfter),
    'record.flushEvents': flag('--flush-events', options.flushEvents),
    'record.flushInterval': flag('--flush-interval', options.flushInterval),
    'record.encoder': flag('--encoder', options.encoder),
    'record.compactEvery': flag('--compact-every', options.compactEvery),
    'record.scrubEvery': flag('--scrub-every', options.scrubEvery),
    'record.opsPort': flag('--ops-port', options.opsPort),
    ...browserFlags(options),
  })
  refuseIdleOptions(values, options)
  const log = await context.log({ values, ...rest })
  await using recording = await replayed(context, values, options)
  const [first, ...others] = values['record.source'].map((kind) => sourceConfig(kind, values, options, recording))
  const config: RecorderConfig = {
    dataDir: values.dataDir,
    sources: [first as SourceConfig, ...others],
    connectTimeoutMs: values['record.connectTimeout'],
    flush: { maxEvents: values['record.flushEvents'], intervalMs: values['record.flushInterval'] },
    encoder: values['record.encoder'],
    compactEveryMs: values['record.compactEvery'],
    scrubEveryMs: values['record.scrubEvery'],
    ops: opsConfig(values['record.opsPort']),
    takeover: options.takeover,
    durationMs: options.duration,
    untilGames: options.untilGames,
  }
  setFlagsFromString('--optimize-for-size')
  const report = await recordWithStatus(context, config, log)
  await context.io.line(JSON.stringify(recordSummary(report, config.dataDir)))
  return EXIT.ok
}

function opsConfig(port: SettingValues['record.opsPort']): OpsConfig | undefined {
  if (port === 'off') return undefined
  return port === 'auto' ? { port: OPS_PORT, strict: false } : { port }
}

/** What the source `replay` plays, opened before anything is recorded; null without that source. */
async function replayed(context: CommandContext, values: SettingValues, { replay }: RecordOptions): Promise<Recording | null> {
  if (!values['record.source'].includes('replay')) return null
  if (replay === undefined) {
    throw new CliError('CLI_USAGE', '--source replay needs --replay <file|game|session>', {
      exitCode: EXIT.usage,
      hint: 'vectra record --source replay --replay capture.jsonl',
    })
  }
  return openRecording(context, replay)
}

/** Whoever says what to replay and not that it is to be recorded would get the live feed instead. */
function refuseIdleOptions(values: SettingValues, { replay, loop, reloadOnAttach }: RecordOptions): void {
  const idle = [
    ['--replay', 'replay', replay !== undefined],
    ['--loop', 'replay', loop === true],
    ['--reload-on-attach', 'cdp', reloadOnAttach === true],
  ] as const
  for (const [option, source, given] of idle) {
    if (!given || values['record.source'].includes(source)) continue
    throw new CliError('CLI_USAGE', `${option} is for --source ${source}, which is not recorded`, {
      exitCode: EXIT.usage,
      hint: `add --source ${source}, or leave ${option} out`,
    })
  }
}

function sourceConfig(
  kind: SettingValues['record.source'][number],
  values: SettingValues,
  options: RecordOptions,
  recording: Recording | null,
): SourceConfig {
  const feed = { url: values['record.url'], path: values['record.path'] }
  switch (kind) {
    case 'public_ws': {
      const { untilEnd } = options
      return { kind, ...feed, staleAfterMs: values['record.staleAfter'], sockets: values['record.sockets'], untilEnd }
    }
    case 'cdp':
      return {
        kind,
        ...feed,
        browser: { mode: values['record.browser'], ...browserConfig(values) },
        reloadOnAttach: options.reloadOnAttach,
      }
    case 'replay':
      return { kind, name: recording?.name ?? '', records: recording?.records ?? [], speed: options.speed, loop: options.loop }
  }
}

/** Who else wants to know how the recording goes. */
export interface RecordingListener {
  started(recorder: Recorder, store: EventStore): void
  /** What the store waits out by itself; null: it writes again. */
  fault(message: string | null): void
}

/** Records with the live status line and the log of connections; `npm start` runs the same. */
export async function recordWithStatus(
  context: CommandContext,
  config: RecorderConfig,
  log: Log,
  listener?: RecordingListener,
): Promise<RecordReport> {
  const { signal, display } = context
  const rate = new StatusRate()
  let recorder: Recorder | undefined
  let failing = false
  let flush: (() => Promise<void>) | undefined
  let stored = (): { parts: number; pendingBytes: number } => ({ parts: 0, pendingBytes: 0 })
  const status = (): RecorderStatus | undefined => recorder?.status()
  const onFlush = (): void => {
    log.info('flush asked for')
    flush?.().then(
      () => log.info('flushed', { parts: stored().parts }),
      (error: unknown) => log.warn(failureOf(error).message),
    )
  }
  const onStop = (): void => log.info('stopping', { signal: context.stoppedBy() ?? null })
  process.on('SIGUSR2', onFlush)
  signal.addEventListener('abort', onStop, { once: true })
  try {
    using _line = display.show(
      {
        text: () => recordingLine(status(), rate, { ...stored(), stopping: signal.aborted }),
        fields: () => statusFields(status(), stored()),
      },
      log,
      { quiet: context.quiet },
    )
    return await runRecording(config, {
      signal,
      onStart: (running, store, { url: ops }) => {
        recorder = running
        listener?.started(running, store)
        flush = () => store.flush()
        stored = () => {
          const { partsWritten, pendingBytes } = store.stats()
          return { parts: partsWritten, pendingBytes }
        }
        const { sessions, rows, failures } = store.recovery
        if (sessions.length > 0) log.info('recovered what an earlier recorder left', { sessions: sessions.length, rows })
        for (const failure of failures)
          log.warn('a segment could not be recovered; its events stay in the journal', { ...failure })
        for (const [index, { session, source }] of running.status().sources.entries())
          log.info('recording', { session, source, ...whatOf(config.sources[index]), dataDir: config.dataDir })
        if (ops !== null) log.info('status and metrics', { url: ops })
      },
      onTakeover: (step) => sayTakeover(log, step),
      onConnection: (session, { kind, connection, ...facts }) => {
        const good = kind === 'connect' || kind === 'reconnect' || ('final' in facts && facts.final === true)
        // An outage of hours is one warning; each further attempt is for the debug log.
        const repeated = kind === 'connect_error' && failing
        failing = kind === 'connect_error' || (failing && !good)
        const say = good ? log.info : repeated ? log.debug : log.warn
        say(kind.replace('_', ' '), { session, ...facts })
      },
      onFault: ({ kind, error }) => {
        if (kind !== 'compact') listener?.fault(kind === 'resumed' ? null : error.message)
        if (kind === 'resumed') log.info('writing again')
        else log.warn(error.message, { kind, code: error.code })
      },
    })
  } finally {
    process.off('SIGUSR2', onFlush)
    signal.removeEventListener('abort', onStop)
  }
}

function sayTakeover(log: Log, step: TakeoverStep): void {
  const { step: what, ...facts } = step
  if (what === 'cannot_ask' || what === 'still_running') log.warn(`takeover: ${TAKEOVER[what]}`, facts)
  else log.info(`takeover: ${TAKEOVER[what]}`, facts)
}

const TAKEOVER: Readonly<Record<TakeoverStep['step'], string>> = {
  waiting: 'another recorder has this feed; waiting for frames of our own',
  connected: 'our own frames are durable',
  asked: 'asked the other recorder to end',
  cannot_ask: 'the other recorder cannot be asked to end',
  still_running: 'the other recorder did not end; both record',
  taken: 'the other recorder has ended',
}

/** Where a source's frames come from, for the log. */
function whatOf(source: SourceConfig | undefined): Readonly<Record<string, string>> {
  if (source === undefined) return {}
  if (source.kind === 'ready') return { what: source.name }
  return source.kind === 'replay' ? { replay: source.name } : { url: plainAddress(source.url) }
}

/** The one line a recording leaves on stdout. */
export function recordSummary({ summary, store, recovery }: RecordReport, dataDir: string): Readonly<Record<string, unknown>> {
  const sum = (pick: (source: (typeof summary.sources)[number]) => number): number =>
    summary.sources.reduce((total, source) => total + pick(source), 0)
  return {
    reason: summary.reason,
    events: sum(({ framesIn }) => framesIn),
    stored: sum(({ stored }) => stored),
    issues: sum(({ issues }) => issues),
    gaps: sum(({ gaps }) => gaps),
    est_missing: sum(({ estMissing }) => estMissing),
    games: summary.games,
    rows: store.rowsByDocType,
    files: store.partsWritten,
    sessions: summary.sources.map(({ sessionId, source, framesIn, gaps, closes, sockets }) => ({
      session: sessionId,
      source,
      events: framesIn,
      gaps,
      closes,
      ...(sockets === undefined ? {} : { sockets }),
    })),
    recovered_rows: recovery.rows,
    data_dir: dataDir,
    elapsed_ms: Math.round(summary.elapsedMs),
    exit: 'clean',
  }
}
