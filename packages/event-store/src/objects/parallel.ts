/** Runs `job` over the items, at most `places` at a time; the first failure stops the rest from starting, and is thrown. */
export async function inParallel<T>(items: readonly T[], places: number, job: (item: T) => Promise<void>): Promise<void> {
  const queue = items.values()
  let failed = false
  const worker = async (): Promise<void> => {
    for (const item of queue) {
      if (failed) return
      try {
        await job(item)
      } catch (error) {
        failed = true
        throw error
      }
    }
  }
  const workers = await Promise.allSettled(Array.from({ length: places }, worker))
  for (const result of workers) if (result.status === 'rejected') throw result.reason
}
