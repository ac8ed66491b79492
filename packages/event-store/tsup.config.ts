import { library } from '../../tsup.base.ts'

export default library([
  'src/index.ts',
  'src/journal-thread.ts',
  'src/encode-thread.ts',
  'src/compact-thread.ts',
  'src/scrub-thread.ts',
])
