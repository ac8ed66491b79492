import { type OrderState, type Source, uiSource } from '@vectra/ingest'
import type { Clock } from '@vectra/schemas'
import type { HumanAction } from './page-orders.ts'

/** What a human did at the page, as a source to be recorded beside the feed. */
export interface HumanActions {
  /** Name `ui`; rows `ui_action` and `ui_order`, tied by the order's id. */
  readonly source: Source
  /** The click, before anything is sent because of it. */
  action(action: HumanAction): void
  /** What became of it, at every change. */
  order(state: OrderState): void
}

/** Collects actions for one reader. */
export function humanActions(clock: Clock): HumanActions {
  const source = uiSource({ clock })
  return { source, action: (action) => source.action(action), order: (state) => source.order(state) }
}
