import { expect, it } from 'vitest'
import { dockerfileFaults, imageOf } from '../../../scripts/deploy/dockerfile.mjs'

const VERSIONS = { node: '24.21.0', pnpm: '12.21.0' }
const GOOD = `FROM node:24.21.0-bookworm-slim AS build
RUN npm install --global pnpm@12.21.0
RUN pnpm install \\
 && pnpm --filter @vectra/cli deploy --prod --legacy /app

FROM node:24.21.0-bookworm-slim
ENV VECTRA_DATA_DIR=/data \\
    VECTRA_RECORD_OPS_PORT=9464
USER node
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s \\
  CMD ["node", "-e", "fetch('x').then(() => 1)"]
ENTRYPOINT ["node", "/app/dist/main.js"]
CMD ["record"]
`

it('accepts a pinned image without rights, and reads what it would run', () => {
  expect(dockerfileFaults(GOOD, VERSIONS)).toEqual([])
  expect(imageOf(GOOD)).toEqual({
    entrypoint: ['node', '/app/dist/main.js'],
    command: ['record'],
    health: ['node', '-e', "fetch('x').then(() => 1)"],
    env: { VECTRA_DATA_DIR: '/data', VECTRA_RECORD_OPS_PORT: '9464' },
    deploy: '--filter @vectra/cli deploy --prod --legacy',
  })
})

it.each([
  ['an image that moves', GOOD.replace('24.21.0-bookworm-slim\nENV', '24\nENV'), /FROM node:24:/],
  ['another pnpm', GOOD.replace('pnpm@12.21.0', 'pnpm@12'), /pnpm is not/],
  ['root', GOOD.replace('USER node', 'USER root'), /runs as root/],
  ['root by number', GOOD.replace('USER node', 'USER 0:0'), /runs as root/],
  ['no user', GOOD.replace('USER node\n', ''), /runs as root/],
  ['a user of the build stage only', GOOD.replace('USER node\n', '').replace('RUN npm', 'USER node\nRUN npm'), /runs as root/],
  ['no stop signal', GOOD.replace('STOPSIGNAL SIGTERM\n', ''), /STOPSIGNAL/],
  ['no health check', GOOD.replace(/HEALTHCHECK.*?\n(?=ENTRYPOINT)/s, ''), /health check/],
  [
    'a shell in between',
    GOOD.replace('ENTRYPOINT ["node", "/app/dist/main.js"]', 'ENTRYPOINT node /app/dist/main.js'),
    /ENTRYPOINT/,
  ],
  ['ADD', GOOD.replace('USER node', 'ADD https://example.test/x /x\nUSER node'), /ADD/],
])('%s', (_name, text, says) => {
  expect(dockerfileFaults(text, VERSIONS)).toEqual([expect.stringMatching(says)])
})
