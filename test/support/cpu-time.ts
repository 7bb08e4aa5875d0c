import process from 'node:process'

/** Milliseconds of CPU that the work took. On a shared machine the clock on the wall also counts what others do. */
export function cpuTimeOf(work: () => void): number {
  const began = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(began)
  return (user + system) / 1000
}
