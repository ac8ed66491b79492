import { runCli } from './cli.ts'

process.exit(await runCli(['start', ...process.argv.slice(2)]))
