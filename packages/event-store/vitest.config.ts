import { suite } from '../../vitest.base.ts'

/** `VECTRA_FAULT=1` runs the heavy fault tests, and only those. */
export default suite(
  process.env['VECTRA_FAULT'] === '1' ? { include: ['test/**/*.fault.test.ts'], exclude: ['**/node_modules/**'] } : {},
)
