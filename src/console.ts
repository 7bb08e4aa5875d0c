// What runs in the console's process. Its configuration comes over the channel to the filter's process, and when that
// one is gone there is nobody to serve for: it ends.

import { startConsole } from './console-app.ts'
import type { FromConsole, ToConsole } from './console-process.ts'
import type { MilterFigures } from './figures.ts'
import { openLog } from './log.ts'

/** How long the last log lines may take, in milliseconds. */
const FLUSH_DEADLINE = 1000
/** How long the filter may take to tell its figures, in milliseconds. */
const FIGURES_DEADLINE = 2000

/** Questions to the filter's process that wait for their answer. */
const questions = new Map<number, (figures: MilterFigures | undefined) => void>()
let lastQuestion = 0
/** What to do when told to stop; nothing is open before the console has started. */
let stop = (): void => process.exit(0)

function tell(message: FromConsole): void {
  process.send?.(message)
}

/** Rejects when the filter does not answer. */
function askForFigures(): Promise<MilterFigures | undefined> {
  lastQuestion += 1
  const id = lastQuestion
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => {
      questions.delete(id)
      reject(new Error('the filter does not answer'))
    }, FIGURES_DEADLINE)
    questions.set(id, (figures) => {
      clearTimeout(late)
      questions.delete(id)
      resolve(figures)
    })
    tell({ kind: 'figures?', id })
  })
}

async function run({ config }: Extract<ToConsole, { kind: 'start' }>): Promise<void> {
  const { log, flush } = openLog(config.logLevel)
  const end = async (code: number): Promise<void> => {
    await flush(FLUSH_DEADLINE)
    process.exit(code)
  }
  const crash = (error: unknown): void => {
    log.fatal({ err: error }, 'an unexpected error; the console ends')
    void end(1)
  }
  process.on('uncaughtException', crash)
  process.on('unhandledRejection', crash)
  try {
    const service = await startConsole(config, log, { figures: askForFigures })
    stop = () => {
      void service
        .stop()
        .catch(crash)
        .then(() => end(0))
    }
    tell({ kind: 'listening', url: service.url })
  } catch (error) {
    const known = error instanceof Error && ['ListenError', 'StoreError'].includes(error.name)
    if (!known) return crash(error)
    const { name, message } = error as Error
    const failed: FromConsole = { kind: 'failed', listening: name === 'ListenError', message }
    process.send?.(failed, () => end(1))
  }
}

// Ctrl-C in a terminal and a unit's stop reach both processes; the filter's decides when this one ends.
process.on('SIGINT', () => undefined)
process.on('SIGTERM', () => undefined)
process.on('disconnect', () => process.exit(0))
process.on('message', (message: ToConsole) => {
  if (message.kind === 'start') void run(message)
  else if (message.kind === 'figures') questions.get(message.id)?.(message.figures)
  else stop()
})
