import { problems } from '../shell/problems.ts'
import { Prose, sentence } from './prose.tsx'

/** What went wrong, in words, with the next step. Several topics stack; each goes when its owner clears it. */
export function Banner() {
  const all = [...problems.all.value]
  if (all.length === 0) return null
  return (
    <div class="banners">
      {all.map(([topic, { title, detail, next, action, level = 'error' }]) => (
        <div key={topic} class={`banner ${level}`} role={level === 'error' ? 'alert' : 'status'} data-t={`problem-${topic}`}>
          <p>
            <b>{title}.</b> {detail !== undefined && detail !== '' && <Prose text={sentence(detail)} />}{' '}
            <span class="next">
              <Prose text={next} />
            </span>
          </p>
          {action && (
            <button type="button" onClick={action.run}>
              {action.label}
            </button>
          )}
        </div>
      ))}
    </div>
  )
}
