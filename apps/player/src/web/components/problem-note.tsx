import type { ApiProblem } from '../shell/api.ts'
import { Prose, sentence } from './prose.tsx'

/** An error in place: what happened, and what to do next. */
export function ProblemNote(props: { readonly problem: ApiProblem | null; readonly retry?: () => void }) {
  if (props.problem === null) return null
  return (
    <div class="banner" role="alert" data-t="problem">
      <p>
        {sentence(props.problem.message)}{' '}
        <span class="next">
          <Prose text={props.problem.next} />
        </span>
      </p>
      {props.retry && (
        <button type="button" onClick={props.retry}>
          Try again
        </button>
      )}
    </div>
  )
}
