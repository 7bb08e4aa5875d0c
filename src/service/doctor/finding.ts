// What the doctor says: one sentence about one thing, and what to do about it.

export type Level = 'ok' | 'warn' | 'fault'

export interface Finding {
  /** Name of the check in kebab-case: the same on every machine. */
  readonly check: string
  /** `fault`: mail is lost, refused or put off, or will be. `warn`: it works, but not as it should. */
  readonly level: Level
  readonly says: string
  /** A command to run or a line to paste. Every fault has one. */
  readonly todo?: string
}

export function ok(check: string, says: string, todo?: string): Finding {
  return todo === undefined ? { check, level: 'ok', says } : { check, level: 'ok', says, todo }
}

export function warn(check: string, says: string, todo: string): Finding {
  return { check, level: 'warn', says, todo }
}

export function fault(check: string, says: string, todo: string): Finding {
  return { check, level: 'fault', says, todo }
}
