import type { AnalysisView } from './analysis-view.ts'
import { GAME_VIEWS } from './game-views.ts'
import { MONEY_VIEWS } from './money-views.ts'
import { RECORDING_VIEWS } from './recording-views.ts'

/** Every analyst's view and table function, each after what it is made of. */
export const ANALYSIS: readonly AnalysisView[] = [...GAME_VIEWS, ...MONEY_VIEWS, ...RECORDING_VIEWS]

/** Names of the analyst's views. */
export const ANALYSIS_VIEWS: readonly string[] = ANALYSIS.filter((view) => view.parameters === undefined).map(({ name }) => name)

/** Names of the table functions. */
export const TABLE_FUNCTIONS: readonly string[] = ANALYSIS.filter((view) => view.parameters !== undefined).map(({ name }) => name)

/** Names behind `main.` in a body. */
const PARTS = /\bmain\.(\w+)/g

/**
 * What a view or table function is made of, down to the base views: each name after its own parts, itself last.
 *
 * @returns the name alone when it is none of ours
 */
export function partsOf(name: string): readonly string[] {
  const own = ANALYSIS.find((view) => view.name === name)
  const parts = [...(own?.sql.matchAll(PARTS) ?? [])].flatMap(([, part]) => partsOf(part ?? ''))
  return [...new Set([...parts, name])]
}

/** A body with its parts named without their schema: for statements that define the parts themselves. */
export function unqualified(sql: string): string {
  return sql.replaceAll(PARTS, '$1')
}

/** Statements that define them, once; they follow whatever the base views become. */
export function analysisStatements(): string[] {
  return ANALYSIS.map(({ name, parameters, sql }) =>
    parameters === undefined
      ? `CREATE OR REPLACE VIEW ${name} AS ${sql}`
      : `CREATE OR REPLACE MACRO ${name}(${parameters}) AS TABLE ${sql}`,
  )
}
