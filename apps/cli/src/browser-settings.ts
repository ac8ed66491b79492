import type { BrowserConfig } from '@vectra/recorder'
import type { SettingKey, SettingValues } from './config/schema.ts'
import type { FlagValue } from './config/settings.ts'
import { flag } from './context.ts'

/** Options of every verb that deals with the browser. */
export interface BrowserOptions {
  readonly browserProfile?: string
  readonly browserPath?: string
  readonly browserDevtools?: string
  readonly browserPage?: string
  readonly browserArg?: readonly string[]
  readonly headless?: boolean
}

/** The options as settings. */
export function browserFlags(options: BrowserOptions): Partial<Record<SettingKey, FlagValue | undefined>> {
  return {
    'browser.profile': flag('--browser-profile', options.browserProfile),
    'browser.path': flag('--browser-path', options.browserPath),
    'browser.devtools': flag('--browser-devtools', options.browserDevtools),
    'browser.page': flag('--browser-page', options.browserPage),
    'browser.args': flag('--browser-arg', options.browserArg?.join(' ')),
    'browser.headless': flag('--headless', options.headless === undefined ? undefined : String(options.headless)),
  }
}

/** The settings as the recorder takes them. */
export function browserConfig(values: SettingValues): Omit<BrowserConfig, 'mode'> {
  return {
    profile: values['browser.profile'],
    path: values['browser.path'] === 'auto' ? null : values['browser.path'],
    devtools: values['browser.devtools'] === 'profile' ? null : values['browser.devtools'],
    page: values['browser.page'],
    headless: values['browser.headless'],
    args: values['browser.args'],
  }
}
