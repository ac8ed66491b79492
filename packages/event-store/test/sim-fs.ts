import path from 'node:path'
import { crc32 } from 'node:zlib'
import type { DirectoryEntry, FileStat, FsPort } from '../src/fs-port.ts'

/** The machine stops: nothing after this happens. */
export class PowerCut extends Error {
  constructor() {
    super('power cut')
  }
}

interface Inode {
  readonly id: number
  /** What a read sees: the page cache. */
  content: Buffer
  /** What is on the platter. */
  durable: Buffer
  /** A sync failed once: the kernel calls its pages clean now, so later syncs succeed and save nothing. */
  poisoned?: boolean
}

type Node = { readonly kind: 'file'; readonly inode: Inode } | { readonly kind: 'directory' }

/** How much of what was not synced survives a cut. */
export interface CutVariant {
  /** Bytes written and not synced: all gone, all there, cut at a byte, or there as zeros (size without data). */
  readonly content: 'lost' | 'kept' | 'torn' | 'zeros'
  /** Directory entries made, renamed or removed and not synced. */
  readonly entries: 'lost' | 'kept'
}

export const CUT_VARIANTS: readonly CutVariant[] = (['lost', 'kept', 'torn', 'zeros'] as const).flatMap((content) =>
  (['lost', 'kept'] as const).map((entries) => ({ content, entries })),
)

/** Operations that change something, and that tests may make fail or switch off. */
export type SimOperation =
  | 'mkdir'
  | 'open'
  | 'write'
  | 'fdatasync'
  | 'fsyncFile'
  | 'fsyncDir'
  | 'truncate'
  | 'rename'
  | 'link'
  | 'unlink'
  | 'rmdir'

export interface SimFault {
  /** Counted over all operations, from 1. */
  readonly at: number
  readonly code: 'ENOSPC' | 'EIO'
  /** Operations that fail from `at` on; default 1. */
  readonly times?: number
  /** Only these operations fail; others pass. Default all. */
  readonly only?: readonly SimOperation[]
}

function failure(code: string, operation: string, target: string): Error {
  return Object.assign(new Error(`${code}: simulated, ${operation} '${target}'`), { code })
}

/**
 * A disk in memory that forgets at a power cut what was not synced: file content without `fdatasync`, directory entries
 * without `fsyncDir`. A rename of a file whose directory was not synced may be seen either way.
 */
export class SimFs implements FsPort {
  /** Page-cache view: path to node. */
  #view = new Map<string, Node>()
  /** Platter view. */
  #durable = new Map<string, Node>()
  readonly #descriptors = new Map<number, { inode: Inode; path: string }>()
  #nextFd = 3
  #nextInode = 1
  /** Operations so far. */
  operations = 0
  /** Names of the operations so far, for reading a failed test. */
  readonly log: string[] = []
  /** The operation at which the power fails, before it has any effect; a cut write may be half done by `content: torn`. */
  cutAt = Number.POSITIVE_INFINITY
  fault: SimFault | undefined
  /** Bytes that the disk holds; a write beyond fails with ENOSPC after filling it up. */
  capacity = Number.POSITIVE_INFINITY
  /** Mutation check: operations that silently do nothing. */
  broken: ((operation: SimOperation, target: string) => boolean) | undefined

  constructor(root: string) {
    for (let at = path.resolve(root); ; at = path.dirname(at)) {
      this.#view.set(at, { kind: 'directory' })
      this.#durable.set(at, { kind: 'directory' })
      if (at === path.dirname(at)) break
    }
  }

  /** A durable step of somebody else (a catalog commit): may be cut, counts as an operation. */
  step(name: string): void {
    this.operations++
    this.log.push(name)
    if (this.operations >= this.cutAt) throw new PowerCut()
  }

  /** The disk as the next boot finds it. */
  afterCut(variant: CutVariant): SimFs {
    const next = new SimFs('/')
    const entries = variant.entries === 'lost' ? this.#durable : this.#view
    next.#view = new Map()
    next.#durable = new Map()
    const inodes = new Map<number, Inode>()
    for (const [at, node] of entries) {
      // An entry whose parent is gone is unreachable.
      if (!this.#reachable(entries, at)) continue
      if (node.kind === 'directory') {
        next.#view.set(at, node)
        next.#durable.set(at, node)
        continue
      }
      const known = inodes.get(node.inode.id) ?? this.#surviving(node.inode, variant, next.#nextInode++)
      inodes.set(node.inode.id, known)
      next.#view.set(at, { kind: 'file', inode: known })
      next.#durable.set(at, { kind: 'file', inode: known })
    }
    return next
  }

  /** Everything readable, as path to text; equal maps mean equal disks. */
  image(): Map<string, string> {
    return new Map(
      [...this.#view].map(([at, node]) => [at, node.kind === 'file' ? node.inode.content.toString('latin1') : '<dir>']),
    )
  }

  mkdir(target: string): readonly string[] {
    const missing: string[] = []
    for (let at = path.resolve(target); !this.#view.has(at); at = path.dirname(at)) missing.push(at)
    if (missing.length === 0) return []
    if (this.#operation('mkdir', target)) return []
    missing.reverse()
    for (const at of missing) this.#view.set(at, { kind: 'directory' })
    return missing
  }

  open(target: string, mode: 'create' | 'overwrite' | 'append'): number {
    const found = this.#view.get(target)
    if (mode === 'create' && found !== undefined) throw failure('EEXIST', 'open', target)
    if (!this.#view.has(path.dirname(target))) throw failure('ENOENT', 'open', target)
    this.#operation('open', target)
    let inode: Inode
    if (found?.kind === 'file') {
      inode = found.inode
      if (mode === 'overwrite') inode.content = Buffer.alloc(0)
    } else {
      inode = { id: this.#nextInode++, content: Buffer.alloc(0), durable: Buffer.alloc(0) }
      this.#view.set(target, { kind: 'file', inode })
    }
    const fd = this.#nextFd++
    this.#descriptors.set(fd, { inode, path: target })
    return fd
  }

  write(fd: number, buffers: readonly Uint8Array[]): void {
    const file = this.#descriptor(fd)
    const bytes = Buffer.concat(buffers)
    if (this.#cutNow()) {
      // The write was under way: its bytes are in the cache, and what of them reaches the platter is the variant's business.
      file.inode.content = Buffer.concat([file.inode.content, bytes])
    }
    if (this.#operation('write', file.path)) return
    const room = this.capacity - this.#used()
    if (bytes.length > room) {
      file.inode.content = Buffer.concat([file.inode.content, bytes.subarray(0, Math.max(0, room))])
      throw failure('ENOSPC', 'write', file.path)
    }
    file.inode.content = Buffer.concat([file.inode.content, bytes])
  }

  fdatasync(fd: number): void {
    const file = this.#descriptor(fd)
    this.#sync('fdatasync', file.path, file.inode)
  }

  close(fd: number): void {
    this.#descriptors.delete(fd)
  }

  fsyncFile(target: string): void {
    const { inode } = this.#file(target, 'fsyncFile')
    this.#sync('fsyncFile', target, inode)
  }

  fsyncDir(target: string): void {
    if (this.#view.get(target)?.kind !== 'directory') throw failure('ENOENT', 'fsyncDir', target)
    if (this.#operation('fsyncDir', target)) return
    for (const at of [...this.#durable.keys()])
      if (path.dirname(at) === target && at !== target && !this.#view.has(at)) this.#durable.delete(at)
    for (const [at, node] of this.#view) if (path.dirname(at) === target && at !== target) this.#durable.set(at, node)
  }

  truncate(target: string, length: number): void {
    const { inode } = this.#file(target, 'truncate')
    if (this.#operation('truncate', target)) return
    inode.content = inode.content.subarray(0, length)
  }

  rename(from: string, to: string): void {
    const node = this.#file(from, 'rename')
    if (this.#operation('rename', to)) return
    this.#view.delete(from)
    this.#view.set(to, node)
  }

  link(from: string, to: string): void {
    const file = this.#file(from, 'link')
    if (this.#view.has(to)) throw failure('EEXIST', 'link', to)
    if (this.#operation('link', to)) return
    this.#view.set(to, file)
  }

  unlink(target: string): void {
    this.#file(target, 'unlink')
    if (this.#operation('unlink', target)) return
    this.#view.delete(target)
  }

  rmdir(target: string): void {
    if (this.readdir(target).length > 0) throw failure('ENOTEMPTY', 'rmdir', target)
    if (this.#operation('rmdir', target)) return
    this.#view.delete(target)
  }

  readdir(target: string): readonly DirectoryEntry[] {
    if (this.#view.get(target)?.kind !== 'directory') throw failure('ENOENT', 'readdir', target)
    const entries: DirectoryEntry[] = []
    for (const [at, node] of this.#view) {
      if (path.dirname(at) === target && at !== target)
        entries.push({ name: path.basename(at), isDirectory: node.kind === 'directory' })
    }
    return entries.sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  read(target: string): Uint8Array {
    return Buffer.from(this.#file(target, 'read').inode.content)
  }

  *pieces(target: string): Iterable<Uint8Array> {
    yield this.read(target)
  }

  stat(target: string): FileStat | undefined {
    const node = this.#view.get(target)
    if (node === undefined) return undefined
    if (node.kind === 'directory') return { size: 0, isDirectory: true, inode: 0, version: '' }
    const { content, id } = node.inode
    return { size: content.length, isDirectory: false, inode: id, version: String(crc32(content)) }
  }

  #sync(name: SimOperation, target: string, inode: Inode): void {
    try {
      if (this.#operation(name, target) || inode.poisoned === true) return
      inode.durable = inode.content
    } catch (error) {
      inode.poisoned = true
      throw error
    }
  }

  #surviving(inode: Inode, variant: CutVariant, id: number): Inode {
    const { content, durable } = inode
    const dirty = content.subarray(durable.length)
    const appended = content.length >= durable.length && content.subarray(0, durable.length).equals(durable)
    let bytes: Buffer
    if (variant.content === 'lost') bytes = durable
    else if (variant.content === 'kept' || !appended) bytes = content
    else if (variant.content === 'torn') bytes = Buffer.concat([durable, dirty.subarray(0, Math.floor(dirty.length * 0.6))])
    else bytes = Buffer.concat([durable, Buffer.alloc(dirty.length)])
    return { id, content: Buffer.from(bytes), durable: Buffer.from(bytes) }
  }

  #reachable(entries: ReadonlyMap<string, Node>, target: string): boolean {
    for (let at = path.dirname(target); ; at = path.dirname(at)) {
      if (entries.get(at)?.kind !== 'directory') return false
      if (at === path.dirname(at)) return true
    }
  }

  #cutNow(): boolean {
    return this.operations + 1 === this.cutAt
  }

  /** Counts, cuts, fails; true when the operation is broken on purpose and must do nothing. */
  #operation(name: SimOperation, target: string): boolean {
    this.operations++
    this.log.push(`${name} ${target}`)
    if (this.operations >= this.cutAt) throw new PowerCut()
    const fault = this.fault
    if (
      fault !== undefined &&
      this.operations >= fault.at &&
      this.operations < fault.at + (fault.times ?? 1) &&
      (fault.only?.includes(name) ?? true)
    ) {
      throw failure(fault.code, name, target)
    }
    return this.broken?.(name, target) ?? false
  }

  #used(): number {
    let sum = 0
    for (const node of this.#view.values()) if (node.kind === 'file') sum += node.inode.content.length
    return sum
  }

  #descriptor(fd: number): { inode: Inode; path: string } {
    const found = this.#descriptors.get(fd)
    if (found === undefined) throw failure('EBADF', 'descriptor', String(fd))
    return found
  }

  #file(target: string, operation: string): Node & { kind: 'file' } {
    const node = this.#view.get(target)
    if (node?.kind !== 'file') throw failure('ENOENT', operation, target)
    return node
  }
}
