#!/usr/bin/env node
// `.ci/run`: every check of the repository, one after the other. `bash .ci/run lint knip` runs only the named steps.

import { forwardSignals } from './bootstrap/child.mjs'
import { toolchain } from './bootstrap/toolchain.mjs'
import { runSteps } from './ci/run-steps.mjs'
import { ciSteps } from './ci/steps.mjs'

forwardSignals()
const steps = ciSteps(toolchain())
const asked = process.argv.slice(2)
const unknown = asked.filter((name) => !steps.some((step) => step.name === name))
if (unknown.length > 0) {
  process.stderr.write(`no such step: ${unknown.join(', ')}; the steps are ${steps.map((step) => step.name).join(', ')}\n`)
  process.exit(2)
}
process.exitCode = await runSteps(asked.length > 0 ? steps.filter((step) => asked.includes(step.name)) : steps)
