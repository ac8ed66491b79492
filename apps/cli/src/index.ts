export { runCli } from './cli.ts'
export type { Encoder, LogLevel, RecordSource, VectraConfig } from './config/schema.ts'
export { CliError, type CliErrorCode } from './errors.ts'
export { EXIT, type ExitCode } from './exit-codes.ts'
