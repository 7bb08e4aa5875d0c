// npm run bench: what a message costs timedelay, beside the same job on libmilter. Every answer is checked while it is
// measured; a wrong one makes the run fail. Needs the built program (`npm run build`).
//
//   npm run bench                  all of it, in about a quarter of an hour
//   npm run bench -- --quick       in about two minutes
//   npm run bench -- --only a,b    some workloads; also `f`, `g`, `growth`, `micro`
//   npm run bench -- --long        growth up to a million prefixes and ten million rows
//   npm run bench -- --alone       ours alone, without the yardstick
//   npm run bench -- --tiny        a second for each workload: to see that all of it works
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { cpus as machineCpus, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { measureIdle } from './idle.mjs'
import {
  BenchError,
  chooseCpus,
  makeDatabase,
  memoryOf,
  startBare,
  startLoad,
  startOurs,
  startYardstick,
} from './servers.mjs'
import { figure, median, ratio, table } from './table.mjs'
import { jobOf, MOST_RECIPIENTS, WORKLOADS } from './workloads.mjs'
import { prepareYardstick } from './yardstick.mjs'

const PACES = {
  tiny: { rounds: 1, warmUp: 100, duration: 300, hotUp: 0, connections: 50, parts: 50 },
  quick: { rounds: 3, warmUp: 200, duration: 800, hotUp: 6000, connections: 5000, parts: 1000 },
  usual: { rounds: 7, warmUp: 500, duration: 3000, hotUp: 20_000, connections: 5000, parts: 2000 },
}
const PREFIXES = 1000
const ALL = [...Object.keys(WORKLOADS), 'f', 'g', 'growth', 'micro']

/** What is running, so that nothing of it outlives us. */
const running = []

async function start(starting) {
  const server = await starting
  running.push(server)
  return server
}

async function stopAll() {
  for (const server of running.splice(0).reverse()) await server.stop()
}

function valuesFrom(args) {
  const flag = { type: 'boolean', default: false }
  try {
    const options = { quick: flag, tiny: flag, long: flag, alone: flag, only: { type: 'string' } }
    return parseArgs({ args, options }).values
  } catch (error) {
    throw new BenchError(error.message)
  }
}

function optionsFrom(argv) {
  const values = valuesFrom(argv)
  const chosen = values.only?.split(',') ?? (values.quick ? ALL.filter((name) => name !== 'growth') : ALL)
  const unknown = chosen.filter((name) => !ALL.includes(name))
  if (unknown.length > 0) throw new BenchError(`no workload '${unknown[0]}'; there are ${ALL.join(', ')}`)
  const pace = values.tiny ? PACES.tiny : values.quick ? PACES.quick : PACES.usual
  return { ...values, pace, chosen: new Set(chosen) }
}

function say(text = '') {
  process.stdout.write(`${text}\n`)
}

/** A wrong answer is worth nothing, however quick it was. */
function requireRight(server, letter, { faultCount, faults }) {
  if (faultCount === 0) return
  throw new BenchError(
    `${server.name} answered ${faultCount} times wrongly in ${letter}: ${faults.join('; ')}`,
  )
}

async function measure(load, server, letter, job) {
  const pids = server.console === undefined ? [server.pid] : [server.pid, server.console]
  const result = await load.ask('measure', jobOf(WORKLOADS[letter], { address: server.unix, ...job, pids }))
  requireRight(server, letter, result)
  return {
    cpu: (result.cpu[0] / result.messages) * 1000,
    console: result.cpu[1] === undefined ? undefined : result.cpu[1] / result.seconds / 10,
    rate: result.messages / result.seconds,
    answer: result.answer,
    message: result.message,
    evenness: Math.min(...result.served) / Math.max(...result.served),
    messages: result.messages,
  }
}

/** A daemon runs for weeks: what the compiler of JavaScript does in its first seconds is no cost of a message. */
async function heatUp(load, servers, letters, { hotUp }) {
  for (const server of servers.filter(({ name }) => name !== 'libmilter')) {
    for (const letter of letters) {
      const duration = hotUp / letters.length
      if (duration > 0) await measure(load, server, letter, { warmUp: 0, duration })
    }
  }
}

async function compare(load, servers, letters, pace) {
  const results = new Map(letters.map((letter) => [letter, new Map(servers.map(({ name }) => [name, []]))]))
  await heatUp(load, servers, letters, pace)
  for (let round = 0; round < pace.rounds; round += 1) {
    for (const letter of letters) {
      for (const server of servers) {
        const result = await measure(load, server, letter, { warmUp: pace.warmUp, duration: pace.duration })
        results.get(letter).get(server.name).push(result)
      }
    }
  }
  return results
}

/** The median of the ratios of each round: what disturbed one round disturbed both servers. */
function ratioOf(results, yardstick, field) {
  return yardstick === undefined
    ? undefined
    : median(results.map((one, round) => one[field] / yardstick[round][field]))
}

function reportComparison(results) {
  const rows = []
  for (const [letter, byServer] of results) {
    const yardstick = byServer.get('libmilter')
    const { text, mostCpu, leastRate } = WORKLOADS[letter]
    for (const [name, runs] of byServer) {
      const ours = name === 'timedelay'
      const middle = (field) => median(runs.map((run) => run[field]))
      rows.push([
        ours ? `(${letter}) ${text}` : '',
        name,
        figure(middle('cpu')),
        ratio(ratioOf(runs, yardstick, 'cpu')),
        ours ? mostCpu.toFixed(1) : '',
        figure(middle('rate')),
        ratio(ratioOf(runs, yardstick, 'rate')),
        ours ? leastRate.toFixed(1) : '',
        figure(median(runs.map(({ message }) => message.p50))),
        figure(median(runs.map(({ message }) => message.p99))),
      ])
    }
  }
  const head = [
    'workload',
    'server',
    'CPU µs',
    'ratio',
    'at most',
    'msg/s',
    'ratio',
    'at least',
    'p50 ms',
    'p99 ms',
  ]
  say(table(head, rows))
  for (const [letter, byServer] of results) {
    if (WORKLOADS[letter].connections === 1) continue
    const evenness = [...byServer].map(
      ([name, runs]) => `${name} ${ratio(median(runs.map((run) => run.evenness)))}`,
    )
    say(
      `(${letter}) Messages on the connection served least, as a part of those on the one served most: ${evenness.join(', ')}.`,
    )
  }
  const idle = [...results.values()].flatMap((byServer) =>
    byServer.get('timedelay').map((run) => run.console),
  )
  say(
    `The console's process runs beside it and took ${figure(Math.max(...idle))} % of a CPU at most; it is not in these figures.`,
  )
}

/** Over TCP an answer in two writes, or in none yet, would wait 40 ms for an acknowledgement. */
async function measureTcp(load, servers, pace) {
  const rows = []
  for (const server of servers) {
    const job = { address: server.tcp, warmUp: pace.warmUp, duration: pace.duration, noDelay: true }
    const together = await measure(load, server, 'a', { ...job, shape: { together: true } })
    const apart = await measure(load, server, 'a', job)
    const nagle = await measure(load, server, 'a', { ...job, noDelay: false })
    for (const [how, { message, answer }] of [
      ['packets in one write, as Postfix', together],
      ['each packet a write, TCP_NODELAY', apart],
      ['each packet a write, as sendmail', nagle],
    ]) {
      rows.push([
        server.name,
        how,
        figure(message.p50),
        figure(message.p99),
        figure(answer.p50),
        figure(answer.p99),
      ])
    }
  }
  say('(g) One connection over TCP, one recipient; at most 1 ms for a message (p50).\n')
  say(table(['server', 'the MTA writes', 'message p50 ms', 'p99', 'answer p50 ms', 'p99'], rows))
}

function describeMachine(cpus) {
  const [{ model }] = machineCpus()
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB`
  const pinned =
    cpus === undefined
      ? 'not pinned (one CPU, or no taskset)'
      : `servers on CPU ${cpus.servers}, load on CPU ${cpus.load}`
  const date = new Date().toISOString().slice(0, 10)
  say(
    `timedelay beside libmilter, ${date}: Node ${process.versions.node}, ${machineCpus().length} × ${model}, ${memory}; ${pinned}.\n`,
  )
}

async function main() {
  const { pace, chosen, alone, tiny, long } = optionsFrom(process.argv.slice(2))
  const directory = mkdtempSync(join(tmpdir(), 'timedelay-bench-'))
  try {
    const cpus = chooseCpus()
    describeMachine(cpus)
    const yardstick = alone ? { missing: 'not asked for' } : prepareYardstick()
    if (yardstick.missing !== undefined) say(`No yardstick (${yardstick.missing}): ours alone is measured.\n`)
    const letters = Object.keys(WORKLOADS).filter((letter) => chosen.has(letter))
    if (letters.length + Number(chosen.has('f')) + Number(chosen.has('g')) > 0) {
      await compareAll({ directory, cpus, yardstick, letters, chosen, pace })
    }
    if (chosen.has('growth')) {
      const { measureGrowth } = await import('./growth.mjs')
      await measureGrowth({ directory, cpus, pace, tiny, long, say, requireRight })
    }
    if (chosen.has('micro')) {
      const { measureParts } = await import('./micro.mjs')
      say(await measureParts(pace.parts))
    }
  } finally {
    await stopAll()
    rmSync(directory, { recursive: true, force: true })
  }
}

/** One after the other, and none that has worked before: memory that load left free would hide what connections take. */
async function* freshServers(directory, { database, list, program, cpu }) {
  const place = join(directory, 'idle')
  mkdirSync(place)
  const starts = [() => startOurs(place, { database, cpu })]
  if (program !== undefined) starts.push(() => startYardstick(place, { program, list, cpu }))
  for (const starting of starts) {
    const server = await start(starting())
    yield server
    running.splice(running.indexOf(server), 1)
    await server.stop()
  }
}

async function compareAll({ directory, cpus, yardstick, letters, chosen, pace }) {
  const { database, list } = makeDatabase(directory, PREFIXES)
  const cpu = cpus?.servers
  const ours = await start(startOurs(directory, { database, cpu }))
  const { program } = yardstick
  const theirs = program === undefined ? [] : [await start(startYardstick(directory, { program, list, cpu }))]
  const load = await start(Promise.resolve(startLoad(cpus?.load)))
  const atRest = { ours: memoryOf(ours.pid).now, console: memoryOf(ours.console).now }
  if (letters.length > 0) {
    const bare = await start(startBare(directory, { cpu, prefixes: PREFIXES, recipients: MOST_RECIPIENTS }))
    reportComparison(await compare(load, [ours, ...theirs, bare], letters, pace))
  }
  const peak = memoryOf(ours.pid).peak
  say(
    `Start to listening ${figure(ours.startedIn)} ms. Memory: ${figure(atRest.ours / 1024)} MiB at rest (and ` +
      `${figure(atRest.console / 1024)} MiB the console), ${figure(peak / 1024)} MiB at most under this load.\n`,
  )
  if (chosen.has('f'))
    say(
      await measureIdle(load, freshServers(directory, { database, list, program, cpu }), pace, requireRight),
    )
  if (chosen.has('g')) {
    const overTcp =
      theirs.length === 0 ? [] : [await start(startYardstick(directory, { program, list, cpu, tcp: true }))]
    await measureTcp(load, [ours, ...overTcp], pace)
  }
  await stopAll()
}

try {
  await main()
} catch (error) {
  if (!(error instanceof BenchError)) throw error
  process.stderr.write(`bench: ${error.message}\n`)
  process.exitCode = 1
}
