/** What `FsPort.stat` tells. */
export interface FileStat {
  readonly size: number
  readonly isDirectory: boolean
  readonly inode: number
  /** Times of the last changes, to the nanosecond: as long as it and the size are the same, nobody wrote through the file system. */
  readonly version: string
}

/** One entry of a directory. */
export interface DirectoryEntry {
  readonly name: string
  readonly isDirectory: boolean
}

/**
 * The disk as the write path sees it: synchronous, and explicit about what is durable.
 *
 * Nothing is durable before `fdatasync` (content) and `fsyncDir` (a directory's entries: creations, renames, removals).
 * Tests pass a simulated disk that forgets everything else at a power cut. Every method throws the system's error
 * (`code`: `ENOSPC`, `EIO`, …); only `stat` answers a missing file with `undefined`.
 */
export interface FsPort {
  /** Creates the directory and its missing parents; returns the created ones, outermost first. */
  mkdir(path: string): readonly string[]
  /** `create` fails when the file exists; `overwrite` truncates it; `append` continues at its end. */
  open(path: string, mode: 'create' | 'overwrite' | 'append'): number
  /** Writes all buffers at the file's end, in order; throws after a short write. */
  write(fd: number, buffers: readonly Uint8Array[]): void
  fdatasync(fd: number): void
  close(fd: number): void
  /** Opens, syncs and closes a file that somebody else wrote. */
  fsyncFile(path: string): void
  fsyncDir(path: string): void
  truncate(path: string, length: number): void
  rename(from: string, to: string): void
  /** A second name for the same file; fails when `to` exists. */
  link(from: string, to: string): void
  unlink(path: string): void
  rmdir(path: string): void
  readdir(path: string): readonly DirectoryEntry[]
  read(path: string): Uint8Array
  /** The whole content, a piece at a time; a piece is valid until the next one is asked for. */
  pieces(path: string): Iterable<Uint8Array>
  stat(path: string): FileStat | undefined
}
