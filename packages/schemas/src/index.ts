export type { CancelTimer, Clock, Micros, Random } from './env.ts'
export {
  type AckedRequest,
  DIRECTIONS,
  type Direction,
  DOC_TYPES,
  type DocType,
  type EventEnvelope,
  type EventSource,
  type SchemaIssue,
  SOURCES,
} from './envelope.ts'
export { type ErrorContext, VectraError } from './errors.ts'
