/** Live play. */
export function LiveScreen() {
  return <h1 class="hidden">Live</h1>
}
