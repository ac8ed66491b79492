#!/usr/bin/env node
import { enableCompileCache } from 'node:module'

enableCompileCache()
const { processIo } = await import('./cli/io.ts')
const { runContextCommand } = await import('./cli/run.ts')

process.exitCode = await runContextCommand(process.argv.slice(2), processIo())
