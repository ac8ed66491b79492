import { runCli } from './cli.ts'

// `npm start`: the demo with two games of a handy length, so that it ends by itself and shows what came of it. Options given later win.
process.exit(
  await runCli([
    'demo',
    '--speed',
    '12',
    '--rug-ticks',
    '90,140',
    '--until-games',
    '2',
    '--no-page',
    '--duration',
    '60s',
    ...process.argv.slice(2),
  ]),
)
