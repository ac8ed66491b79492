import { suite } from '../../vitest.base.ts'

// Each test starts the real binary several times; on a busy machine a start takes seconds.
export default suite({ testTimeout: 90_000, hookTimeout: 120_000 })
