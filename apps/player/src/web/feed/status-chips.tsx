/** Source, connection and recording, in the header of every screen. */
export function StatusChips() {
  return <div class="chips" />
}
