export type { RecorderConfig } from './config.ts'
export { RecorderError, type RecorderErrorCode } from './errors.ts'
export { EMPTY_VIEW, type LiveView, nextView } from './live-view.ts'
export { type RecordHooks, type RecordReport, record } from './main.ts'
export {
  type Recorder,
  type RecorderOptions,
  type RecorderStatus,
  type RecorderSummary,
  runRecorder,
  type SourceStatus,
  type StopReason,
} from './recorder.ts'
export { type SampleFrame, type SampleOptions, sampleFeed } from './sample/feed.ts'
export { type WiredRecorder, wireRecorder } from './wire.ts'
