import { z } from 'zod'
import { parseDuration, parseSize } from '../terminal/units.ts'

/** Log levels, quietest last. */
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

/** Sources `vectra record` can run. */
export const RECORD_SOURCES = ['public_ws', 'cdp', 'replay'] as const
export type RecordSource = (typeof RECORD_SOURCES)[number]

/** Which browser is recorded: one that runs, one of our own, or whichever there is. */
export const BROWSER_MODES = ['auto', 'attach', 'launch'] as const
export type BrowserMode = (typeof BROWSER_MODES)[number]

/** Part encoders of the store. */
export const ENCODERS = ['duckdb', 'parquetjs'] as const
export type Encoder = (typeof ENCODERS)[number]

/** Who answers `vectra query`. */
export const ENGINES = ['auto', 'local', 'motherduck'] as const
export type QueryEngineName = (typeof ENGINES)[number]

const duration = z.string().transform((text, context) => {
  const ms = parseDuration(text)
  if (ms !== undefined) return ms
  context.addIssue({ code: 'custom', message: 'expected a duration like 250ms, 10s, 5m or 2h' })
  return z.NEVER
})

/** A duration, or `off` as 0. */
const durationOrOff = z.string().transform((text, context) => {
  const ms = text === 'off' ? 0 : parseDuration(text)
  if (ms !== undefined && (ms > 0 || text === 'off')) return ms
  context.addIssue({ code: 'custom', message: 'expected a duration like 5m or 24h, or off' })
  return z.NEVER
})

const size = z.string().transform((text, context) => {
  const bytes = parseSize(text)
  if (bytes !== undefined && bytes > 0) return bytes
  context.addIssue({ code: 'custom', message: 'expected a size like 512MiB or 2GB' })
  return z.NEVER
})

/** A whole number, also from the text of a flag or an environment variable. */
const count = z.union([z.number(), z.string()], 'expected a whole number').transform((value, context) => {
  const number = typeof value === 'string' && !/^\d+$/.test(value) ? Number.NaN : Number(value)
  if (Number.isSafeInteger(number) && number > 0) return number
  context.addIssue({ code: 'custom', message: 'expected a whole number above 0' })
  return z.NEVER
})

const url = z
  .string()
  .refine((text) => /^(https?|wss?):$/.test(URL.parse(text)?.protocol ?? ''), 'expected an http(s):// or ws(s):// address')

/** One or several names: a list in the file, separated by commas elsewhere. */
const sources = z
  .union([z.string().transform((text) => text.split(',').map((name) => name.trim())), z.array(z.string())])
  .pipe(z.tuple([z.enum(RECORD_SOURCES)], z.enum(RECORD_SOURCES)))

/** `true` or `false`, also as text. */
const flag = z
  .union([z.boolean(), z.enum(['true', 'false'], 'expected true or false')])
  .transform((value) => value === true || value === 'true')

/** Arguments: a list in the file, separated by spaces elsewhere. */
const argumentList = z.union([
  z.string().transform((text) => text.split(/\s+/).filter((argument) => argument !== '')),
  z.array(z.string()),
])

/** A port, `auto` or `off`. */
const opsPort = z.union([z.number(), z.string()], 'expected a port, auto or off').transform((value, context) => {
  if (value === 'auto' || value === 'off') return value
  const port = typeof value === 'string' && !/^:?\d{1,5}$/.test(value) ? Number.NaN : Number(String(value).replace(':', ''))
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port
  context.addIssue({ code: 'custom', message: 'expected a port from 0 to 65535, auto or off' })
  return z.NEVER
})

const nonEmpty = z.string().min(1, 'expected some text')

/**
 * Everything that can be configured, by its key in the config file.
 *
 * Each value is what `vectra.config.ts|json` may hold, and what a flag or environment variable is parsed as.
 */
export const SETTING_SCHEMAS = {
  dataDir: nonEmpty,
  logLevel: z.enum(LOG_LEVELS),
  'record.source': sources,
  'record.url': url,
  'record.path': nonEmpty,
  'record.sockets': count,
  'record.browser': z.enum(BROWSER_MODES),
  'record.connectTimeout': duration,
  'record.staleAfter': duration,
  'record.flushEvents': count,
  'record.flushInterval': duration,
  'record.encoder': z.enum(ENCODERS),
  'record.compactEvery': durationOrOff,
  'record.scrubEvery': durationOrOff,
  'record.opsPort': opsPort,
  'browser.profile': nonEmpty,
  'browser.path': nonEmpty,
  'browser.devtools': z.union([z.literal('profile'), url], 'expected an address such as http://127.0.0.1:9222'),
  'browser.page': url,
  'browser.headless': flag,
  'browser.args': argumentList,
  'query.timeout': duration,
  'query.maxRows': count,
  'query.memoryLimit': size,
  'query.threads': count,
  'query.engine': z.enum(ENGINES),
  'query.remote': z.string(),
} as const

export type SettingKey = keyof typeof SETTING_SCHEMAS

/** The resolved values: durations in ms, sizes in bytes, `dataDir` absolute. */
export type SettingValues = { readonly [K in SettingKey]: z.output<(typeof SETTING_SCHEMAS)[K]> }

/** Built-in values, written as a config file would write them. */
export const DEFAULTS: { readonly [K in SettingKey]: z.input<(typeof SETTING_SCHEMAS)[K]> } = {
  dataDir: '~/rugs_data',
  logLevel: 'info',
  'record.source': 'public_ws',
  'record.url': 'https://backend.rugs.fun',
  'record.path': '/socket.io',
  'record.sockets': 1,
  'record.browser': 'auto',
  'record.connectTimeout': '20s',
  'record.staleAfter': '30s',
  'record.flushEvents': 100,
  'record.flushInterval': '5s',
  'record.encoder': 'duckdb',
  'record.compactEvery': '5m',
  'record.scrubEvery': 'off',
  'record.opsPort': 'auto',
  'browser.profile': '~/.vectra/browser',
  'browser.path': 'auto',
  'browser.devtools': 'profile',
  'browser.page': 'https://rugs.fun',
  'browser.headless': false,
  'browser.args': '',
  'query.timeout': '30s',
  'query.maxRows': 10_000,
  'query.memoryLimit': '1GiB',
  'query.threads': 2,
  'query.engine': 'auto',
  'query.remote': '',
}

/** What `vectra.config.ts` exports by default: `export default { … } satisfies VectraConfig`. */
export interface VectraConfig {
  /** Where the data lives. `~` is the home directory; a relative path is taken from the config file's folder. Default `~/rugs_data`. */
  dataDir?: string
  /** Default `info`. */
  logLevel?: LogLevel
  record?: {
    /** One, or several, each a session of its own. Default `public_ws`. */
    source?: RecordSource | RecordSource[]
    /** Address of the public feed, or of a replay server. Default `https://backend.rugs.fun`. */
    url?: string
    /** Socket.IO path. Default `/socket.io`. */
    path?: string
    /** Connections to the public feed that back each other up. Default 1. */
    sockets?: number
    /** Which browser `cdp` records. Default `auto`: one that runs with the profile below, else a new one. */
    browser?: BrowserMode
    /** How long the first connection may take before the recorder gives up; `0` waits for ever. Default `20s`. */
    connectTimeout?: string
    /** Silence (heartbeats do not count) after which the connection is renewed. Default `30s`. */
    staleAfter?: string
    /** Events until a flush. Default 100. */
    flushEvents?: number
    /** Time until a flush. Default `5s`. */
    flushInterval?: string
    /** `parquetjs` records without a native module. Default `duckdb`. */
    encoder?: Encoder
    /** How often small parts are merged beside the recorder; `off` for never. Default `5m`. */
    compactEvery?: string
    /** How often all stored files are read and compared with their checksums, at 10 MB/s; `off` for never. Default `off`. */
    scrubEvery?: string
    /** Port on 127.0.0.1 for status and metrics; `auto` is 9464, or any free one when that is taken; `off` serves none. Default `auto`. */
    opsPort?: number | 'auto' | 'off'
  }
  /** The browser that `cdp` records. */
  browser?: {
    /** Its own profile directory, where its login stays. Default `~/.vectra/browser`. */
    profile?: string
    /** Its program. Default `auto`: Chromium or Chrome where they usually are. */
    path?: string
    /** DevTools address to attach to; loopback only. Default `profile`: as the browser on the profile wrote down. */
    devtools?: string
    /** Page a launched browser opens. Default `https://rugs.fun`. */
    page?: string
    /** Launch without a window: nobody can log in there. Default false. */
    headless?: boolean
    /** More arguments for a launched browser. */
    args?: string[]
  }
  query?: {
    /** Default `30s`. */
    timeout?: string
    /** Default 10,000. */
    maxRows?: number
    /** Default `1GiB`. */
    memoryLimit?: string
    /** Default 2. */
    threads?: number
    /** Who answers SQL: `auto` (default) asks `remote` when it is named and answers, else the local DuckDB. */
    engine?: QueryEngineName
    /** How mcp-server-motherduck is started, e.g. `uvx mcp-server-motherduck --db-path md:`, or its http:// address. Default none. */
    remote?: string
  }
}

/** Environment variables of a setting, strongest first: `record.url` is `VECTRA_RECORD_URL`. */
export function environmentNames(key: SettingKey): readonly string[] {
  const name = `VECTRA_${key
    .replaceAll('.', '_')
    .replace(/[A-Z]/g, (letter) => `_${letter}`)
    .toUpperCase()}`
  return key === 'dataDir' ? [name, 'RUGS_DATA_DIR'] : [name]
}
