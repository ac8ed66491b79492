import { Chip, type Tone } from '../components/chip.tsx'
import { ago, now } from './clock.ts'
import { clockOffset, frameAt, hello, link, pageLink, identity as player, recording, account as shownAccount } from './feed.ts'

const WORDS: Readonly<Record<string, readonly [text: string, tone: Tone]>> = {
  connected: ['live', 'good'],
  waiting: ['connecting', 'warn'],
  disconnected: ['source away', 'bad'],
  stale: ['silent', 'warn'],
  none: ['recorded data', 'plain'],
}

/** Source, connection, age of the last frame, player and recording, in the header of every screen. */
export function StatusChips() {
  return (
    <div class="chips">
      <Source />
      <Age />
      <Who />
      <Recording />
    </div>
  )
}

function Source() {
  if (pageLink.value !== 'up')
    return (
      <Chip tone={pageLink.value === 'connecting' ? 'warn' : 'bad'} dot test="link">
        {pageLink.value === 'refused' ? 'no token' : pageLink.value === 'connecting' ? 'connecting' : 'gateway away'}
      </Chip>
    )
  const [text, tone] = WORDS[link.value.state] ?? ['unknown', 'warn']
  const feed = hello.value?.feed
  return (
    <Chip tone={tone} dot test="link" title={feed?.url ?? undefined}>
      {feed == null ? text : `${feed.label} · ${text}`}
    </Chip>
  )
}

/** Only said when it is worth a look: a feed that runs sends several frames a second. */
function Age() {
  const at = frameAt.value
  if (at === null || pageLink.value !== 'up' || now.value - at < 1_500) return null
  return <Chip tone="warn">last frame {ago(at, now.value)} ago</Chip>
}

function Who() {
  const [identity, account] = [player.value, shownAccount.value]
  if (hello.value?.feed == null) return null
  return (
    <Chip test="player" title={identity?.id ?? account?.id}>
      {identity?.username ?? (account === null ? 'spectator' : 'player without a name')}
    </Chip>
  )
}

function Recording() {
  const news = recording.value
  if (news === null || !news.recording) return null
  const skew = Math.round(clockOffset.value)
  return (
    <Chip
      tone={news.fault === null ? 'plain' : 'bad'}
      test="recording"
      title={`${news.events} received, ${news.stored} stored, ${news.gaps} gaps; clocks ${skew} ms apart`}
    >
      <span class="rec" aria-hidden="true" /> {news.fault === null ? `REC ${count(news.stored)}` : 'not written'}
    </Chip>
  )
}

/** `48 211`, with thin spaces. */
function count(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, '\u2009')
}
