import { writeSync } from 'node:fs'
import { compactStore } from '../../src/index.ts'

/** A compactor that is going to be killed. Argument: data directory. */
const [dir = ''] = process.argv.slice(2)
writeSync(1, 'START\n')
await compactStore({ dir, onMerge: () => writeSync(1, 'MERGE\n') })
writeSync(1, 'DONE\n')
