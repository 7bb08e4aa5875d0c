// What is measured, and what it may cost. The letters are those of the goals in the README.
import { ALL_STAGES, FULL_OFFER } from './plan.mjs'

/** `mostCpu`: server CPU per message, as a ratio to libmilter's. `leastRate`: messages per second, likewise. */
export const WORKLOADS = {
  a: {
    text: 'one connection, one recipient',
    connections: 1,
    shape: { recipients: 1 },
    mostCpu: 1.0,
    leastRate: 1.0,
  },
  b: {
    text: '50 connections, 5 recipients',
    connections: 50,
    shape: { recipients: 5 },
    mostCpu: 0.8,
    leastRate: 1.1,
  },
  c: {
    text: 'a new connection per message',
    connections: 1,
    perConnection: true,
    shape: { recipients: 1 },
    mostCpu: 1.3,
    leastRate: 0.8,
  },
  d: {
    text: '100 recipients',
    connections: 1,
    shape: { recipients: 100 },
    mostCpu: 0.8,
    leastRate: 1.1,
  },
  e: {
    text: '64 KiB, 30 headers, all stages',
    connections: 1,
    shape: { recipients: 1, headers: 30, body: 65_536 },
    offer: ALL_STAGES,
    mostCpu: 0.9,
    leastRate: 1.0,
  },
}

const PREFIXES = 1000
/** Different messages in a plan; they are sent again and again. */
const DIFFERENT = 1000

/** A job for the load generator. */
export function jobOf(workload, { address, pids, warmUp, duration, shape = {}, planCount, noDelay = false }) {
  return {
    address,
    pids,
    warmUp,
    duration,
    noDelay,
    offer: workload.offer ?? FULL_OFFER,
    connections: workload.connections,
    perConnection: workload.perConnection === true,
    planCount: planCount ?? Math.ceil(DIFFERENT / Math.min(10, workload.shape.recipients)),
    shape: { headers: 8, body: 2048, prefixes: PREFIXES, ...workload.shape, ...shape },
  }
}

/** Recipients of all plans together, for a server that must know the answers beforehand. */
export const MOST_RECIPIENTS = DIFFERENT * 10
