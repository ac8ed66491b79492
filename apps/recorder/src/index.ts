export type { BrowserConfig, BrowserMode } from './browser/config.ts'
export { findBrowser } from './browser/find.ts'
export { type BrowserExit, type LaunchedBrowser, type LaunchOptions, launchBrowser } from './browser/launch.ts'
export { type BrowserLink, browserLink, requireLoopback } from './browser/link.ts'
export { liveDevTools, type ProfileState, readProfile } from './browser/profile.ts'
export type { CdpConfig, PublicWsConfig, ReadyConfig, RecorderConfig, ReplayConfig, SourceConfig } from './config.ts'
export { RecorderError, type RecorderErrorCode } from './errors.ts'
export { EMPTY_VIEW, type LiveView, nextView } from './live-view.ts'
export { type RecordHooks, type RecordReport, record } from './main.ts'
export { type Operations, type OpsConfig, openOperations } from './ops/operations.ts'
export type { Readiness } from './ops/readiness.ts'
export {
  type Recorder,
  type RecorderOptions,
  type RecorderStatus,
  type RecorderSummary,
  runRecorder,
  type SourceStatus,
  type StopReason,
} from './recorder.ts'
export type { PreviousRun } from './runs/previous-run.ts'
export type { ProcessDownGap } from './runs/process-down.ts'
export type { TakeoverNote, TakeoverStep } from './runs/takeover.ts'
export { type SampleFrame, type SampleOptions, sampleFeed } from './sample/feed.ts'
export { type WiredRecorder, wireRecorder, wireSource } from './wire.ts'
