/**
 * DuckDB settings for work beside a recorder: what a statement frees goes back to the system.
 *
 * By default the allocator keeps up to 512 MB that was freed, and takes more instead of using it again: a merge of 4,400 rows
 * grew by 185 MB instead of 95.
 *
 * @param kept how much may be kept; a few megabytes cost a quarter of the speed of writing large segments, 64 MB nothing
 */
export function returnedMemory(kept: '1MB' | '64MB'): Readonly<Record<string, string>> {
  return { allocator_flush_threshold: kept, allocator_bulk_deallocation_flush_threshold: kept }
}
