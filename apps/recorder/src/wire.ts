import { type EventStore, openEventStore, type StoreFault, type StoreFlush, systemEnv } from '@vectra/event-store'
import {
  cdpSource,
  plainAddress,
  publicWsSource,
  redundantSource,
  replaySource,
  type Source,
  systemClock,
  systemRandom,
} from '@vectra/ingest'
import type { Clock, Random } from '@vectra/schemas'
import { browserLink } from './browser/link.ts'
import type { CdpConfig, PublicWsConfig, RecorderConfig, SourceConfig } from './config.ts'

/** The parts of a recording, put together but not running. */
export interface WiredRecorder {
  readonly store: EventStore
  readonly sources: readonly [Source, ...Source[]]
  readonly clock: Clock
  readonly random: Random
}

/**
 * Composes a recording: the store (which first recovers what dead recorders left) and the configured sources.
 *
 * @throws EventStoreError `STORE_READ_ONLY`, `STORE_DISK_FULL`, `STORE_CATALOG`
 * @throws RecorderError `RECORDER_BROWSER_EXPOSED`
 */
export async function wireRecorder(
  config: RecorderConfig,
  onFault?: (fault: StoreFault) => void,
  onFlush?: (flush: StoreFlush) => void,
): Promise<WiredRecorder> {
  const clock = systemClock()
  const random = systemRandom()
  const [first, ...others] = config.sources
  const sources = [
    wireSource(first, config, clock, random),
    ...others.map((source) => wireSource(source, config, clock, random)),
  ] as const
  const store = await openEventStore({
    dir: config.dataDir,
    env: { ...systemEnv(), clock, random },
    flush: config.flush,
    encoder: config.encoder,
    ...(onFault === undefined ? {} : { onFault }),
    ...(onFlush === undefined ? {} : { onFlush }),
  })
  return { store, sources, clock, random }
}

/**
 * The source of one configuration. It opens nothing before its items are pulled, and closes all it opened when they end.
 *
 * @throws RecorderError `RECORDER_BROWSER_EXPOSED`
 */
export function wireSource(
  config: SourceConfig,
  { connectTimeoutMs }: Pick<RecorderConfig, 'connectTimeoutMs'>,
  clock: Clock,
  random: Random,
): Source {
  switch (config.kind) {
    case 'public_ws':
      return publicFeed(config, clock, random)
    case 'cdp':
      return browser(config, connectTimeoutMs, clock, random)
    case 'ready':
      return config.source
    case 'replay': {
      const { name, records, speed = 1, loop = false } = config
      const source = replaySource(records, { clock, speed, loop })
      return { ...source, meta: { ...source.meta, replay: name } }
    }
  }
}

function publicFeed(config: PublicWsConfig, clock: Clock, random: Random): Source {
  const { url, path = '/socket.io', staleAfterMs = 30_000, sockets = 1, untilEnd } = config
  const onServerDisconnect = untilEnd === true ? 'end' : 'reconnect'
  const socket = (): Source => publicWsSource({ url, path, staleMs: staleAfterMs, onServerDisconnect, clock, random })
  return sockets === 1
    ? socket()
    : redundantSource(
        Array.from({ length: sockets }, () => socket()),
        { clock },
      )
}

function browser(config: CdpConfig, connectTimeoutMs: number, clock: Clock, random: Random): Source {
  const { url, path = '/socket.io', reloadOnAttach = false } = config
  const feed = new URL(url)
  const page = URL.parse(config.browser.page)
  const link = browserLink(config.browser, connectTimeoutMs)
  const source = cdpSource({
    connect: (signal) => link.connect(signal),
    isFinal: (error) => link.isFinal(error),
    clock,
    random,
    match: (address) => isFeed(address, feed, path),
    matchPage: (address) => page !== null && URL.parse(address)?.host === page.host,
    reloadOnAttach,
  })
  return {
    ...source,
    meta: { url: plainAddress(url), path, browser: config.browser.mode },
    async *items(signal) {
      try {
        yield* source.items(signal)
      } finally {
        await link[Symbol.asyncDispose]()
      }
    },
  }
}

/** Sockets and polls of the feed's host, below its path: nothing else of what the browser does is looked at. */
function isFeed(address: string, feed: URL, path: string): boolean {
  const url = URL.parse(address)
  return url !== null && url.host === feed.host && `${url.pathname}/`.startsWith(`${path.replace(/\/$/, '')}/`)
}
