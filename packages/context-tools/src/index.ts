export { ContextToolsError, type ContextToolsCode } from './errors.ts'
