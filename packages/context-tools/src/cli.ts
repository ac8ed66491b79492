#!/usr/bin/env node
import { enableCompileCache } from 'node:module'

enableCompileCache()
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    // Whoever read us (`| head`) has enough; the exit code still says what was found.
    if (error.code !== 'EPIPE') throw error
  })
}
const { processIo } = await import('./cli/io.ts')
const { runContextCommand } = await import('./cli/run.ts')

process.exitCode = await runContextCommand(process.argv.slice(2), processIo())
