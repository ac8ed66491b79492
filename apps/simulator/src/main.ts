#!/usr/bin/env node
import { parseArgs } from 'node:util'
import { SimulatorError } from './errors.ts'
import { parseChaos } from './server/chaos.ts'
import { startSimulator } from './server/start.ts'
import { eraShape } from './world/era.ts'

const HELP = `vectra-simulator: a rugs.fun server on 127.0.0.1

  --port 7300  --speed 1..1000  --seed TEXT  --era aug2025|dec2025|feb2026  --bots 20  --recovery
  --chaos drop=1%,dup=1%,reorder=1%,malformed=0.1%,kick=20s,halfopen=60s,big=30s,restart=2m,latency=200ms,jitter=50ms,skew=-3s,polling

One line of JSON on stdout says where it listens. Log in with the handshake auth {"token":"sim:yourname"}. Ctrl-C stops.`

try {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '7300' },
      speed: { type: 'string', default: '1' },
      seed: { type: 'string' },
      era: { type: 'string', default: 'dec2025' },
      bots: { type: 'string', default: '20' },
      chaos: { type: 'string', default: '' },
      recovery: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) process.stdout.write(`${HELP}\n`)
  else {
    const simulator = await startSimulator({
      port: Number(values.port),
      speed: Number(values.speed),
      bots: Number(values.bots),
      era: eraShape(values.era).era,
      chaos: parseChaos(values.chaos),
      recovery: values.recovery,
      ...(values.seed === undefined ? {} : { seed: values.seed }),
    })
    const stop = (): void => void simulator.close().then(() => process.exit(0))
    process.once('SIGINT', stop)
    process.once('SIGTERM', stop)
    process.stdout.write(`${JSON.stringify({ url: simulator.url, seed: simulator.seed, start_at: simulator.startAt })}\n`)
  }
} catch (error) {
  const usage =
    (error instanceof SimulatorError && error.code === 'SIM_OPTION') || (error instanceof TypeError && 'code' in error)
  process.stderr.write(
    `vectra-simulator: ${error instanceof Error ? error.message : String(error)}\n${usage ? '--help lists the options\n' : ''}`,
  )
  process.exitCode = usage ? 2 : 1
}
