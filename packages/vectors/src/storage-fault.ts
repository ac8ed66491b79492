import { VectraError } from '@vectra/schemas'
import { VectorsError } from './errors.ts'
import { isSqliteFault } from './sqlite-fault.ts'

const UNWRITABLE = /no space left|os error (?:28|13|30)|permission denied|read-only|readonly database|disk is full/i

/** What a failure of LanceDB or SQLite means to a user; any other error comes back as it is. */
export function storageFault(error: unknown, dir: string): unknown {
  // The system's own errors, of a source for example, have a call's name and speak for themselves.
  if (!(error instanceof Error) || error instanceof VectraError || 'syscall' in error) return error
  if (!isSqliteFault(error) && !/lance/i.test(error.message)) return error
  const reason = (error.message.split(/\n|\s+Caused by|, bytes:/)[0] ?? '').replace(/,? *\/\S+\.rs:\d+:\d+/g, '').slice(0, 160)
  const options = { cause: error, context: { dir } }
  if (UNWRITABLE.test(error.message)) return new VectorsError('VECTORS_WRITE', `${dir} cannot be written: ${reason}`, options)
  if (/commit conflict/i.test(error.message))
    return new VectorsError('VECTORS_BUSY', `another process is writing in ${dir}; try again when it is done`, options)
  return new VectorsError(
    'VECTORS_DAMAGED',
    `a file in ${dir} cannot be read (${reason}); everything there is derived: vectra index rebuild makes it again`,
    options,
  )
}
