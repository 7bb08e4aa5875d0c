// Takes pictures of every view of the console into .cache/screenshots: light and dark, wide and narrow. With --readme
// it also writes the three that the README shows. Needs Debian's Chromium (scripts/fetch-chromium.mjs) and a build.
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { runnerImport } from 'vite'

const at = (path) => fileURLToPath(new URL(path, import.meta.url))
const { module } = await runnerImport(at('../test/support/console/screenshots.ts'))
const pictures = process.argv.includes('--readme') ? at('packaging/pictures') : undefined
await module.takeScreenshots(at('../.cache/screenshots'), pictures)
