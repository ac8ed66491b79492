import { browserOrders, directOrders, type OrderGateway, type Speed, systemClock, systemRandom } from '@vectra/ingest'
import { type BrowserConfig, browserLink, type SourceConfig } from '@vectra/recorder'
import { type BrowserOptions, browserConfig, browserFlags } from '../browser-settings.ts'
import type { SettingValues } from '../config/schema.ts'
import { type CommandContext, flag } from '../context.ts'
import { CliError } from '../errors.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { liveFeed } from '../live-feed.ts'
import { openPage, type PageOptions } from '../page.ts'
import { openRecording, type Recording } from '../recordings.ts'
import { recordSummary, recordWithStatus } from './record.ts'

/** Limits of the orders, exact SOL texts. */
export interface LimitOptions {
  readonly maxBet?: string
  readonly maxLoss?: string
}

/** Options of `vectra play`. */
export interface PlayOptions extends PageOptions, LimitOptions, BrowserOptions {
  readonly source: 'public_ws' | 'cdp' | 'replay'
  readonly url?: string
  readonly path?: string
  readonly token?: string
  readonly replay?: string
  readonly speed: Speed
  readonly loop?: boolean
  readonly watch?: boolean
  readonly duration?: number
}

/** What is played on: sources to record, the one that is shown, and where orders go. */
interface Table extends AsyncDisposable {
  readonly label: string
  readonly url: string | null
  readonly sources: readonly [SourceConfig, ...SourceConfig[]]
  readonly orders: OrderGateway | undefined
}

/** `vectra play`: the gateway and the page before a live source, all of it recorded, until stopped. */
export async function play(context: CommandContext, _operands: readonly string[], options: PlayOptions): Promise<ExitCode> {
  const settings = await context.settings({
    'record.url': flag('--url', options.url),
    'record.path': flag('--path', options.path),
    ...browserFlags(options),
  })
  const { values } = settings
  const log = await context.log(settings)
  await using table = await openTable(context, values, options)
  const live = liveFeed({ ...table, shown: 0 })
  await using player = await openPage(context, options, { mode: 'play', dataDir: values.dataDir, feed: live.feed })
  if (table.orders === undefined) context.io.say('this source is to watch; orders need --source cdp or a --token')
  if (context.json) await context.io.line(JSON.stringify({ event: 'listening', url: player.url, port: player.port }))
  const report = await recordWithStatus(
    context,
    {
      dataDir: values.dataDir,
      sources: live.sources,
      connectTimeoutMs: 0,
      flush: { maxEvents: values['record.flushEvents'], intervalMs: values['record.flushInterval'] },
      encoder: values['record.encoder'],
      durationMs: options.duration,
    },
    log,
    live,
  )
  await context.io.line(JSON.stringify(recordSummary(report, values.dataDir)))
  return EXIT.ok
}

async function openTable(context: CommandContext, values: SettingValues, options: PlayOptions): Promise<Table> {
  const feed = { url: values['record.url'], path: values['record.path'] }
  // A variable that is set and empty is none.
  const token = [options.token, context.env.VECTRA_PLAY_TOKEN].find((one) => one !== undefined && one !== '')
  const nothing = async (): Promise<void> => undefined
  if (token !== undefined && options.source === 'public_ws') {
    const orders = directOrders({ ...feed, token, ...limits(options), clock: systemClock(), random: systemRandom() })
    const source: SourceConfig = { kind: 'ready', name: `logged in at ${feed.url}`, source: orders.source }
    return {
      label: 'own socket',
      url: feed.url,
      sources: [source],
      orders: options.watch === true ? undefined : orders,
      [Symbol.asyncDispose]: () => orders.close(),
    }
  }
  if (options.source === 'replay') {
    const recording = await replayed(context, options)
    const { records, name } = recording
    return {
      label: 'replay',
      url: null,
      sources: [{ kind: 'replay', name, records, speed: options.speed, loop: options.loop }],
      orders: undefined,
      [Symbol.asyncDispose]: () => recording[Symbol.asyncDispose](),
    }
  }
  if (options.source === 'cdp') return browserTable(values, feed, options)
  const staleAfterMs = values['record.staleAfter']
  return {
    label: 'public feed',
    url: feed.url,
    sources: [{ kind: 'public_ws', ...feed, staleAfterMs }],
    orders: undefined,
    [Symbol.asyncDispose]: nothing,
  }
}

/** The browser in which the human is logged in: watched on one line, clicked through another. */
function browserTable(values: SettingValues, feed: { url: string; path: string }, options: PlayOptions): Table {
  const browser: BrowserConfig = { mode: 'attach', ...browserConfig(values) }
  const link = browserLink(browser, 0)
  const [site, page] = [new URL(feed.url), URL.parse(browser.page)]
  const orders =
    options.watch === true
      ? undefined
      : browserOrders({
          connect: async (signal) => {
            const line = await link.connect(signal)
            if (line === null) throw new CliError('CLI_BROWSER_GONE', 'the browser was closed', { exitCode: EXIT.unavailable })
            return line
          },
          match: (address) => URL.parse(address)?.host === site.host,
          matchPage: (address) => page !== null && URL.parse(address)?.host === page.host,
          ...limits(options),
          clock: systemClock(),
          random: systemRandom(),
        })
  return {
    label: 'browser',
    url: feed.url,
    sources: [{ kind: 'cdp', ...feed, browser }],
    orders,
    async [Symbol.asyncDispose]() {
      await orders?.close()
      await link[Symbol.asyncDispose]()
    },
  }
}

async function replayed(context: CommandContext, { replay }: PlayOptions): Promise<Recording> {
  if (replay !== undefined) return openRecording(context, replay)
  throw new CliError('CLI_USAGE', '--source replay needs --replay <file|game|session>', {
    exitCode: EXIT.usage,
    hint: 'vectra play --source replay --replay capture.jsonl',
  })
}

/** The options as the order gateway takes them. */
export function limits({ maxBet, maxLoss }: LimitOptions): { maxBet?: string; lossLimit?: string } {
  return { ...(maxBet === undefined ? {} : { maxBet }), ...(maxLoss === undefined ? {} : { lossLimit: maxLoss }) }
}
