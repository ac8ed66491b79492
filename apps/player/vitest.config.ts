import { suite } from '../../vitest.base.ts'

// A page on a machine that is busy with other things takes its time; polling ends as soon as it is there.
export default suite({ expect: { poll: { timeout: 12_000 } } })
