/**
 * Which browser is recorded: one that runs (`attach`), one of our own (`launch`), or the first if there is one and else the
 * second (`auto`).
 */
export type BrowserMode = 'auto' | 'attach' | 'launch'

/** A browser to record. */
export interface BrowserConfig {
  readonly mode: BrowserMode
  /** Profile directory of our own browser: its login stays there. Never the profile of the everyday browser. */
  readonly profile: string
  /** The browser's program; null looks in the usual places. */
  readonly path: string | null
  /** DevTools address to attach to, e.g. `http://127.0.0.1:9222`; null looks into the profile. Loopback only. */
  readonly devtools: string | null
  /** Page a launched browser opens. */
  readonly page: string
  /** Without a window, for machines that have none: nobody can log in there. Default false. */
  readonly headless?: boolean
  /** More arguments for a launched browser. Those that open debug ports are refused. */
  readonly args?: readonly string[]
}
