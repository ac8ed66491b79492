import type { LogLevel, SettingKey } from './config/schema.ts'
import type { FlagValue, Settings } from './config/settings.ts'
import type { Stop, StopSignal } from './stop.ts'
import type { Io } from './terminal/io.ts'
import type { Log } from './terminal/log.ts'
import type { StatusDisplay } from './terminal/status-line.ts'

/** Options every verb takes. */
export interface GlobalOptions {
  readonly dataDir?: string
  readonly config?: string
  readonly json?: boolean
  readonly logLevel?: LogLevel
  readonly quiet?: boolean
  readonly color?: boolean
}

/** What a verb works with: streams, settings, the stop signal. Made once per run by `runCli`. */
export interface CommandContext {
  readonly io: Io
  readonly display: StatusDisplay
  readonly json: boolean
  readonly quiet: boolean
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  /** Aborts when the command should end: a stop signal came, or the reader of stdout went away. */
  readonly signal: AbortSignal
  /** The stop signal that came, if one did. */
  readonly stoppedBy: () => StopSignal | undefined
  /** Resolves the settings with this verb's own flags. */
  settings(flags?: Readonly<Partial<Record<SettingKey, FlagValue | undefined>>>): Promise<Settings>
  /** The log on stderr, at the level of `settings`. */
  log(settings: Settings): Promise<Log>
}

/** Composes the context of one command. zod and pino are loaded only when a verb asks for settings or a log. */
export function createContext({
  io,
  display,
  options,
  command,
  env,
  cwd,
  stop,
}: {
  io: Io
  display: StatusDisplay
  options: GlobalOptions
  command: string
  env: CommandContext['env']
  cwd: string
  stop: Stop
}): CommandContext {
  const globals: Partial<Record<SettingKey, FlagValue | undefined>> = {
    dataDir: flag('--data-dir', options.dataDir),
    logLevel: flag('--log-level', options.logLevel),
  }
  return {
    io,
    display,
    json: options.json === true,
    quiet: options.quiet === true,
    env,
    cwd,
    signal: AbortSignal.any([stop.signal, io.readerGone]),
    stoppedBy: stop.received,
    async settings(flags = {}) {
      const { resolveSettings } = await import('./config/settings.ts')
      return resolveSettings({ cwd, env, flags: { ...globals, ...flags }, configFile: options.config })
    },
    async log(settings) {
      const { createLog } = await import('./terminal/log.ts')
      return createLog(io, options.quiet === true ? 'error' : settings.values.logLevel, command, display.print)
    },
  }
}

/** A flag the user may have given; `undefined` when not. */
export function flag(name: string, value: string | number | undefined): FlagValue | undefined {
  return value === undefined ? undefined : { flag: name, value: String(value) }
}
