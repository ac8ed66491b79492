import { render } from 'preact'
import { App } from './app.tsx'
import './styles/tokens.css'
import './styles/base.css'
import './styles/components.css'
import './styles/shell.css'
import './styles/live.css'
import { connectFeed } from './feed/feed.ts'
import { followAddress } from './shell/router.ts'
import { listenForKeys } from './shell/shortcuts.ts'
import { refuseStaleInput } from './shell/stale-input.ts'
import { followTheme } from './shell/theme.ts'
import { takeTokenFromAddress } from './shell/token.ts'

takeTokenFromAddress()
followTheme()
followAddress()
refuseStaleInput()
listenForKeys()
connectFeed()
const root = document.getElementById('app')
if (root !== null) render(<App />, root)
