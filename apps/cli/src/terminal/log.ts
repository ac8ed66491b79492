import type { LogLevel } from '../config/schema.ts'
import type { Io } from './io.ts'
import { redactText, redactValue } from './redact.ts'

/** Fields of a log line: `session`, `source`, `seq`, `gameId`, `err`, … Never secrets. */
export type LogFields = Readonly<Record<string, unknown>>

/** Where a command reports what happens while it runs. */
export interface Log {
  debug(message: string, fields?: LogFields): void
  info(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  error(message: string, fields?: LogFields): void
}

const ORDER: Readonly<Record<LogLevel, number>> = { debug: 20, info: 30, warn: 40, error: 50, silent: 99 }

/**
 * The log of one command on stderr: short coloured lines on a terminal, pino's JSON lines otherwise. Neither ever holds a secret.
 *
 * @param print how a text line reaches the terminal, so that it does not tear a live status line
 */
export async function createLog(io: Io, level: LogLevel, command: string, print: (line: string) => void): Promise<Log> {
  return io.stderrIsLive ? textLog(io, level, print) : jsonLog(level, command)
}

function textLog(io: Io, level: LogLevel, print: (line: string) => void): Log {
  const at =
    (name: 'debug' | 'info' | 'warn' | 'error', mark: string) =>
    (message: string, fields: LogFields = {}): void => {
      if (ORDER[name] < ORDER[level]) return
      const details = Object.entries(redactValue(fields) as LogFields)
        .map(([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
        .join(' ')
      print(`${mark} ${redactText(message)}${details === '' ? '' : `  ${io.styledError('dim', details)}`}`)
    }
  return {
    debug: at('debug', io.styledError('dim', '·')),
    info: at('info', io.styledError('cyan', '•')),
    warn: at('warn', io.styledError('yellow', '!')),
    error: at('error', io.styledError('red', '✗')),
  }
}

async function jsonLog(level: LogLevel, command: string): Promise<Log> {
  const { default: pino } = await import('pino')
  const logger = pino(
    {
      level,
      base: { svc: 'vectra', cmd: command, pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    pino.destination({ dest: 2, sync: true }),
  )
  const at =
    (name: 'debug' | 'info' | 'warn' | 'error') =>
    (message: string, fields: LogFields = {}): void =>
      logger[name](redactValue(fields) as LogFields, redactText(message))
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}
