/**
 * DuckDB settings for work beside a recorder: what a statement frees goes back to the system at once.
 *
 * By default the allocator keeps up to 512 MB that was freed, and takes more instead of using it again: a merge of 4,400 rows
 * grew by 185 MB instead of 95.
 */
export const RETURNED_MEMORY = {
  allocator_flush_threshold: '1MB',
  allocator_bulk_deallocation_flush_threshold: '1MB',
} as const
