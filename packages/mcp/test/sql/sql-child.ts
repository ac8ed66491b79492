import { pbkdf2 } from 'node:crypto'
import { VectraError } from '@vectra/schemas'
import { serveSqlProcess } from '../../src/index.ts'

// An engine whose statements say what they do to their process.
if (process.argv[2] === 'fails') throw new Error('cannot open')
await serveSqlProcess(
  async () => ({
    async sql(text, { maxRows, timeoutMs, signal }) {
      if (text === 'die') process.exit(9)
      if (text === 'eat') {
        const eaten: Buffer[] = []
        for (;;) {
          eaten.push(Buffer.alloc(64 * 2 ** 20, 1))
          await new Promise((resolve) => setImmediate(resolve))
        }
      }
      if (text === 'spin') for (;;);
      // Work of a thread that goes on for hours, as a statement's does.
      if (text === 'work') pbkdf2('a', 'b', 2 ** 31 - 1, 64, 'sha512', () => undefined)
      if (text === 'wait') {
        await new Promise((_resolve, reject) =>
          signal.addEventListener('abort', () => reject(new VectraError('QUERY_TIMEOUT', 'stopped'))),
        )
      }
      if (text === 'refuse')
        throw new VectraError('QUERY_FORBIDDEN', 'not here', { context: { hint: 'try another', secret: 'x' } })
      console.log('this is nobody’s')
      return {
        columns: [{ name: 'text', type: 'VARCHAR' }],
        rows: [[text, maxRows, timeoutMs, process.env['SECRET'] ?? null]],
        truncated: false,
        missing: [],
      }
    },
    close: async () => undefined,
  }),
  { memoryBytes: 700 * 2 ** 20 },
)
