import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { runTests } from '../test/run-tests.mjs'
import { forwardSignals, runChild } from './child.mjs'
import { root } from './places.mjs'
import { setup } from './setup.mjs'
import { StepError } from './step.mjs'

const VERBS = {
  /** Everything fetched, installed and built; nothing run. */
  setup: async () => {
    await setup('all')
    return 0
  },
  start: async (args) => runBuilt(await setup('cli'), 'start.js', args),
  vectra: async (args) => runBuilt(await setup('cli'), 'main.js', args),
  test: async (args) => runTests(await setup('all'), args),
}

/**
 * Runs one verb; resolves to the exit code.
 *
 * @param {string[]} argv  the verb and its arguments
 */
export async function main([verb, ...args]) {
  const run = Object.hasOwn(VERBS, verb ?? '') ? VERBS[verb] : undefined
  if (!run) {
    process.stderr.write(`vectra: unknown verb "${verb ?? ''}"; one of: ${Object.keys(VERBS).join(', ')}\n`)
    return 2
  }
  forwardSignals()
  try {
    return await run(args)
  } catch (error) {
    if (!(error instanceof StepError)) throw error
    process.stderr.write(error.report())
    return error.exitCode
  }
}

/** Runs a built entry of the CLI in place of this process: same terminal, same streams, same exit code. */
async function runBuilt(chain, entry, args) {
  const file = resolve(root, 'apps/cli/dist', entry)
  if (!existsSync(file))
    throw new StepError(`run ${entry}`, `the build left no apps/cli/dist/${entry}`, { repeat: '.tools/bin/pnpm build' })
  const nodeArgs = ['--disable-warning=ExperimentalWarning', file, ...args]
  // How to call it again: what it suggests to type next must work in a clone, where no `vectra` is on the path.
  const env = { ...chain.env, VECTRA_COMMAND: 'npm run -s vectra --' }
  const { code, error } = await runChild(chain.node, nodeArgs, { stdio: 'inherit', env, cwd: standingIn() })
  if (error) throw new StepError(`run ${entry}`, error.message, { repeat: `rm -r .tools && npm start` })
  return code
}

/** Where the person stood: npm changes to the root, but relative file names are meant from there. */
function standingIn() {
  return process.env.INIT_CWD && existsSync(process.env.INIT_CWD) ? process.env.INIT_CWD : process.cwd()
}
