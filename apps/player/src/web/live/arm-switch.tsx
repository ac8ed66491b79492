import { signal } from '@preact/signals'
import { plain, rounded } from '../exact/text.ts'
import { control, setControl } from '../feed/feed.ts'
import { announce } from '../shell/announce.ts'
import { useShortcuts } from '../shell/shortcuts.ts'

const asking = signal(false)

/** Nothing leaves while it is off. The limits are the gateway's, not the page's: it refuses what is above them. */
export function ArmSwitch() {
  const news = control.value
  const toggle = (): void => {
    const armed = control.peek()?.armed === true
    setControl({ do: armed ? 'disarm' : 'arm' })
    announce(armed ? 'Disarmed: nothing can be sent' : 'Armed: orders are sent')
  }
  useShortcuts([
    { key: 'e', label: 'Arm or disarm', group: 'Safety', run: toggle },
    {
      key: 'Escape',
      label: 'Disarm at once',
      group: 'Safety',
      run: () => {
        if (control.peek()?.armed) {
          setControl({ do: 'disarm' })
          announce('Disarmed: nothing can be sent')
        }
      },
    },
  ])
  if (news?.killed != null)
    return (
      <p class="arm killed" data-t="arm" role="status">
        <b>Stopped for good</b>, {news.killed}. Nothing more is sent in this run of vectra; start it again to play on.
      </p>
    )
  return (
    <div class={`arm ${news?.armed ? 'on' : ''}`}>
      <button
        type="button"
        role="switch"
        aria-checked={news?.armed === true}
        aria-keyshortcuts="e"
        data-t="arm"
        disabled={news === null}
        onClick={toggle}
      >
        <span class="knob" aria-hidden="true" />
        {news === null ? 'Not connected' : news.armed ? 'Armed' : 'Disarmed'}
      </button>
      {news !== null && (
        <p class="limits" data-t="limits">
          at most <b class="number">{plain(news.maxBet)}</b> SOL a bet · lost{' '}
          <b class="number" title={news.sessionLoss === null ? undefined : plain(news.sessionLoss)}>
            {news.sessionLoss === null ? '—' : rounded(news.sessionLoss, 4, 'even')}
          </b>{' '}
          of <b class="number">{plain(news.lossLimit)}</b>
        </p>
      )}
      {asking.value ? (
        <span class="confirm">
          <button
            type="button"
            class="danger"
            data-t="kill-yes"
            onClick={() => {
              setControl({ do: 'kill', reason: 'by the player' })
              asking.value = false
            }}
          >
            Stop for good
          </button>
          <button type="button" class="quiet" onClick={() => (asking.value = false)}>
            No
          </button>
        </span>
      ) : (
        <button
          type="button"
          class="kill"
          data-t="kill"
          title="Ends all orders of this run"
          onClick={() => (asking.value = true)}
        >
          Kill switch
        </button>
      )}
    </div>
  )
}
