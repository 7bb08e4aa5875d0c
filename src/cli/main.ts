#!/usr/bin/env node
// The command line: everything happens in `program.ts`. What takes long to load is loaded when it is needed.

import { readConfig } from '../config.ts'
import { run } from './program.ts'
import { processTerminal } from './terminal.ts'

const app = () => import('../app.ts')

process.exitCode = await run(process.argv.slice(2), {
  terminal: processTerminal(),
  readConfig,
  openServices: async (config, options) => (await app()).openServices(config, options),
  startService: async (config, log) => (await app()).startService(config, log),
})
