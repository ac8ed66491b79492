/** Requests that move money. */
export const OWN_REQUESTS = ['buyOrder', 'sellOrder', 'requestSidebet'] as const
export type OwnRequest = (typeof OWN_REQUESTS)[number]

/** Is this the name of a request that moves money? */
export function isOwnRequest(name: string): name is OwnRequest {
  return (OWN_REQUESTS as readonly string[]).includes(name)
}
