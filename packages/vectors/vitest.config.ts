import { suite } from '../../vitest.base.ts'

export default suite({
  typecheck: { enabled: true, include: ['test/**/*.test-d.ts'], tsconfig: 'tsconfig.json' },
})
