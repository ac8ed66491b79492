#!/usr/bin/env node
import { processIo } from './cli/io.ts'
import { runContextCommand } from './cli/run.ts'

process.exitCode = await runContextCommand(process.argv.slice(2), processIo())
