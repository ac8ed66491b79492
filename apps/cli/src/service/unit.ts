/** What a unit file is made from. */
export interface UnitOptions {
  /** Program and arguments, the verb `record` and its options included. */
  readonly command: readonly string[]
  /** `user` runs as the person who installs it; `system` as a user of its own, with next to no rights. */
  readonly scope: 'user' | 'system'
}

/** File name of the unit: a template, so that the next version can run beside the present one while it takes over. */
export const UNIT_NAME = 'vectra-recorder@.service'

/** Where a system unit keeps its data: systemd makes the directory and hands it over. */
const SYSTEM_DATA = '%S/vectra'

/**
 * A systemd unit that records for months: restarts after a failure, never after a mistake in the command line or the
 * configuration (exit 2, 78), and takes over from another instance without a lost tick.
 *
 * Node has no datagram socket for sd_notify, so there is no watchdog: `/readyz` is for that.
 */
export function unitFile({ command, scope }: UnitOptions): string {
  const record = [...command, '--takeover', ...(scope === 'system' ? ['--data-dir'] : [])].map(unitArgument)
  return `${[
    '# Two instances take turns: systemctl start vectra-recorder@b takes over from vectra-recorder@a, which then ends by itself.',
    '[Unit]',
    'Description=Vectra recorder (%i)',
    'Documentation=https://github.com/vectra-player/vectra/tree/main/deploy',
    ...(scope === 'system' ? ['Wants=network-online.target', 'After=network-online.target'] : []),
    '# A feed that is down for a week must not end the attempts.',
    'StartLimitIntervalSec=0',
    '',
    '[Service]',
    'Type=exec',
    `ExecStart=${[...record, ...(scope === 'system' ? [SYSTEM_DATA] : [])].join(' ')}`,
    '# systemctl reload: flush now.',
    'ExecReload=/bin/kill -USR2 $MAINPID',
    'Restart=on-failure',
    'RestartSec=2',
    'RestartPreventExitStatus=2 78',
    'SuccessExitStatus=130 143',
    '# An orderly end takes 10 s at most; what a forced one leaves in the journal, the next start recovers.',
    'TimeoutStopSec=30',
    'KillMode=mixed',
    'MemoryMax=1G',
    'LimitNOFILE=65536',
    'NoNewPrivileges=yes',
    ...(scope === 'system' ? SYSTEM_LIMITS : []),
    '',
    '[Install]',
    `WantedBy=${scope === 'system' ? 'multi-user.target' : 'default.target'}`,
    `DefaultInstance=a`,
  ].join('\n')}\n`
}

/** JavaScript is compiled at run time, so memory that is written and then executed stays allowed. */
const SYSTEM_LIMITS: readonly string[] = [
  'DynamicUser=yes',
  '# One name for all instances: they share the data, and one may ask the other to end.',
  'User=vectra',
  'StateDirectory=vectra',
  'StateDirectoryMode=0750',
  'UMask=0027',
  'ProtectSystem=strict',
  'ProtectHome=yes',
  'PrivateTmp=yes',
  'PrivateDevices=yes',
  'ProtectClock=yes',
  'ProtectControlGroups=yes',
  'ProtectHostname=yes',
  'ProtectKernelLogs=yes',
  'ProtectKernelModules=yes',
  'ProtectKernelTunables=yes',
  'RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX',
  'RestrictNamespaces=yes',
  'RestrictRealtime=yes',
  'RestrictSUIDSGID=yes',
  'LockPersonality=yes',
  'CapabilityBoundingSet=',
  'SystemCallArchitectures=native',
  'SystemCallFilter=@system-service',
  'SystemCallErrorNumber=EPERM',
]

/**
 * One argument as systemd reads it back: `%` and `$` stand for themselves, and what has blanks or quotes is quoted.
 *
 * @throws TypeError for a line break or another control character: no unit file can hold it
 */
export function unitArgument(text: string): string {
  if (/[\u0000-\u001f\u007f]/.test(text))
    throw new TypeError(`a unit file cannot hold control characters: ${JSON.stringify(text)}`)
  const plain = text.replaceAll('%', '%%').replaceAll('$', '$$$$')
  return /^[\w@%+=:,./~$-]+$/.test(plain) ? plain : `"${plain.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
}
