// The load generator: a process of its own that is an MTA with many connections, checks every answer while it measures,
// and reads the server's CPU time from the operating system at the first and the last moment of the measurement.
//
// Started by run.mjs with a channel; each message is a job, each answer its result. `start` and `stop` hold idle
// connections open between jobs.
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import process from 'node:process'
import { FrameDecoder } from '../../dist/milter/frame.js'
import { decodeAgreement } from '../../dist/milter/negotiation.js'
import { decodeResponse } from '../../dist/milter/replies.js'
import { encodeOffer, messagePlans, openingSteps, QUIT } from './plan.mjs'

const MOST_FAULTS = 10
const LONGEST_ANSWER = 16 * 1024 * 1024
/** Milliseconds in which a server must have answered. */
const PATIENCE = 20_000

/** What a job has found out so far; connections write into it. */
class Tally {
  measuring = false
  messages = 0
  recipients = 0
  answers = 0
  latencies = []
  answerLatencies = []
  faults = []
  faultCount = 0

  fault(text) {
    this.faultCount += 1
    if (this.faults.length < MOST_FAULTS) this.faults.push(text)
  }
}

/** One connection of the MTA. It sends message after message from the job's plans until it is told to stop. */
class Conversation {
  #job
  #tally
  #socket
  #decoder = new FrameDecoder(LONGEST_ANSWER)
  #steps = []
  #step = 0
  #plan
  #next
  #began = 0
  #asked = 0
  #deleted = []
  #added = []
  #stopping = false
  #hasAgreed = false
  #idle
  #finish
  /** Messages within the measurement: how evenly are connections served? */
  served = 0

  constructor(job, tally, first, { idle = false } = {}) {
    this.#job = job
    this.#tally = tally
    this.#next = first
    this.#idle = idle
  }

  /** Resolves when the first message may be sent. */
  open() {
    return new Promise((resolve, reject) => {
      this.#socket = connect(this.#job.address)
      if (this.#job.noDelay) this.#socket.setNoDelay(true)
      this.#socket.on('data', (chunk) => this.#take(chunk))
      this.#socket.on('error', (error) => {
        this.#tally.fault(`the connection broke: ${error.message}`)
        reject(error)
      })
      this.#socket.on('close', () => this.#closed())
      this.opened = resolve
      this.#socket.write(this.#job.offer)
    })
  }

  run() {
    this.finished = new Promise((resolve) => {
      this.#finish = resolve
    })
    this.#begin()
    return this.finished
  }

  stop() {
    this.#stopping = true
  }

  quit() {
    this.#finish ??= () => undefined
    this.#stopping = true
    this.#socket.end(QUIT)
  }

  #take(chunk) {
    this.#decoder.push(chunk)
    while (this.#decoder.next()) {
      if (!this.#hasAgreed) this.#agreed(this.#decoder.code, this.#decoder.payload)
      else this.#answered(this.#decoder.code, this.#decoder.payload)
    }
  }

  #agreed(code, payload) {
    if (code !== 0x4f) this.#tally.fault('the offer was not answered')
    this.#hasAgreed = true
    const job = this.#job
    job.agreement ??= decodeAgreement(payload)
    job.opening ??= openingSteps(job.agreement, job.shape)
    job.plans ??= messagePlans(job.agreement, job.shape, job.planCount)
    this.#steps = job.opening
    this.#step = 0
    this.#plan = undefined
    this.#proceed()
  }

  /** Writes up to the next answer that must be waited for. */
  #proceed() {
    for (;;) {
      const step = this.#steps[this.#step]
      if (step === undefined) {
        this.#stepsDone()
        return
      }
      for (const bytes of step.writes) this.#socket.write(bytes)
      if (step.answer !== undefined) {
        this.#asked = performance.now()
        return
      }
      this.#step += 1
    }
  }

  #stepsDone() {
    if (this.#plan === undefined) {
      const opened = this.opened
      this.opened = undefined
      opened(this)
      return
    }
    this.#count()
    if (this.#stopping || this.#job.perConnection) {
      this.#socket.end(QUIT)
      return
    }
    // A message without an answer at its end must not recurse.
    if (this.#steps.at(-1)?.answer === undefined) setImmediate(() => this.#begin())
    else this.#begin()
  }

  #begin() {
    const { plans } = this.#job
    this.#plan = plans[this.#next % plans.length]
    this.#next += this.#job.stride
    this.#steps = this.#plan.steps
    this.#step = 0
    this.#began = performance.now()
    this.#proceed()
  }

  #count() {
    const tally = this.#tally
    if (!tally.measuring || this.#idle) return
    this.served += 1
    tally.messages += 1
    tally.recipients += this.#plan.recipients
    tally.latencies.push(performance.now() - this.#began)
  }

  #answered(code, payload) {
    const step = this.#steps[this.#step]
    const answer = decodeResponse(code, payload)
    if (step?.answer === undefined) {
      this.#tally.fault(`an answer that nothing had asked for: ${answer.kind}`)
      return
    }
    if (step.answer.kind === 'end' && this.#isChange(answer)) return
    this.#check(step.answer, answer)
    if (this.#tally.measuring) {
      this.#tally.answers += 1
      this.#tally.answerLatencies.push(performance.now() - this.#asked)
    }
    this.#step += 1
    this.#proceed()
  }

  /** Fields of our own name are welcome, and so is their removal; every other change must be expected. */
  #isChange(answer) {
    if (answer.kind === 'deleteRecipient') this.#deleted.push(answer.address)
    else if (answer.kind === 'addRecipient') this.#added.push(answer.address)
    else if (answer.kind === 'progress') return true
    else if (['addHeader', 'insertHeader', 'changeHeader'].includes(answer.kind)) {
      if (!answer.name.startsWith('X-Timedelay-')) this.#tally.fault(`a change of the field ${answer.name}`)
    } else return false
    return true
  }

  #check(expected, answer) {
    if (expected.kind === 'end') {
      if (answer.kind !== 'continue') this.#tally.fault(`${answer.kind} at end of message`)
      if (!sameMembers(expected.deleted, this.#deleted))
        this.#tally.fault(`deleted ${this.#deleted}, not ${expected.deleted}`)
      if (!sameMembers(expected.added, this.#added))
        this.#tally.fault(`added ${this.#added}, not ${expected.added}`)
      this.#deleted = []
      this.#added = []
    } else if (answer.kind !== expected.kind || answer.text !== expected.text) {
      this.#tally.fault(`${answer.kind} ${answer.text ?? ''}, not ${expected.kind} ${expected.text ?? ''}`)
    }
  }

  #closed() {
    if (
      this.opened !== undefined ||
      (!this.#stopping && !this.#job.perConnection && this.#finish !== undefined)
    ) {
      this.#tally.fault('the server hung up')
    }
    this.#finish?.()
  }
}

function sameMembers(expected, found) {
  if (expected.length !== found.length) return false
  if (expected.every((one, index) => one === found[index])) return true
  const left = new Set(found)
  return expected.every((one) => left.delete(one))
}

/** Milliseconds of CPU that a process has used, threads that have ended included. */
function cpuOf(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * 10
}

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds))

/** Percentiles in milliseconds. */
function percentiles(values) {
  const sorted = Float64Array.from(values).sort()
  const at = (part) => sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? Number.NaN
  return { p50: at(0.5), p90: at(0.9), p99: at(0.99), most: at(1) }
}

/** A connection for each message, one after the other, on each of the job's connections. */
async function reconnecting(job, tally, first, told) {
  let served = 0
  for (let next = first; !told.stop; next += job.stride) {
    const conversation = new Conversation(job, tally, next)
    await conversation.open()
    await conversation.run()
    served += conversation.served
  }
  return served
}

async function measure(job) {
  const tally = new Tally()
  job.offer = encodeOffer(job.offer)
  job.stride = job.connections
  const told = { stop: false }
  const conversations = []
  const running = []
  for (let index = 0; index < job.connections; index += 1) {
    if (job.perConnection) {
      running.push(reconnecting(job, tally, index, told))
    } else {
      const conversation = new Conversation(job, tally, index)
      await conversation.open()
      conversations.push(conversation)
    }
  }
  for (const conversation of conversations) running.push(conversation.run())
  await pause(job.warmUp)
  const before = { at: performance.now(), cpu: job.pids.map(cpuOf), own: process.cpuUsage() }
  tally.measuring = true
  await pause(job.duration)
  tally.measuring = false
  const after = { at: performance.now(), cpu: job.pids.map(cpuOf) }
  const own = process.cpuUsage(before.own)
  told.stop = true
  for (const conversation of conversations) conversation.stop()
  const late = setTimeout(() => {
    tally.fault(`no answer within ${PATIENCE / 1000} s`)
    for (const conversation of conversations) conversation.quit()
  }, PATIENCE)
  await Promise.all(running)
  clearTimeout(late)
  return {
    seconds: (after.at - before.at) / 1000,
    messages: tally.messages,
    recipients: tally.recipients,
    answers: tally.answers,
    cpu: after.cpu.map((used, index) => used - before.cpu[index]),
    ownCpu: (own.user + own.system) / 1000,
    served: conversations.map(({ served }) => served),
    message: percentiles(tally.latencies),
    answer: percentiles(tally.answerLatencies),
    faults: tally.faults,
    faultCount: tally.faultCount,
  }
}

const idle = []

/** Opens connections that say nothing more. */
async function hold(job) {
  const tally = new Tally()
  job.offer = encodeOffer(job.offer)
  while (idle.length < job.connections) {
    const conversation = new Conversation(job, tally, 0, { idle: true })
    await conversation.open()
    idle.push(conversation)
  }
  return { held: idle.length, faults: tally.faults, faultCount: tally.faultCount }
}

function release() {
  for (const conversation of idle.splice(0)) conversation.quit()
  return {}
}

const TASKS = { measure, hold, release }

process.on('message', ({ task, job }) => {
  Promise.resolve(TASKS[task](job)).then(
    (result) => process.send({ result }),
    (error) => process.send({ error: error.stack }),
  )
})
process.on('disconnect', () => process.exit(0))
