// Everything the doctor may ask of the machine it runs on: a narrow port, so that each check can be shown a machine
// with any illness. The real one is `local-machine.ts`.

/** An answer, or the reason why there is none; the doctor reports the latter instead of failing. */
export type Reading<T> =
  | { readonly ok: true; readonly value: T }
  | {
      readonly ok: false
      /** `missing`: no such file, program or listener. `denied`: it may be there, we may not look. */
      readonly why: 'missing' | 'denied' | 'failed'
      /** Half a sentence in plain words: "there is no file /etc/mail/sendmail.cf". */
      readonly says: string
    }

export interface FileFacts {
  readonly kind: 'file' | 'directory' | 'socket' | 'other'
  /** Permission bits with set-id and sticky ones: 0o1777. */
  readonly mode: number
  readonly uid: number
  readonly gid: number
  /** Milliseconds since 1970. */
  readonly modifiedAt: number
}

export interface FreeSpace {
  /** Bytes that an ordinary user may still write. */
  readonly freeBytes: number
  /** Files that may still be made; undefined where the file system does not count them. */
  readonly freeFiles: number | undefined
}

/** What a running milter answered when it was asked as the mail server asks. */
export interface MilterTalk {
  readonly version: number
  /** Milliseconds from the connection to the last answer. */
  readonly roundTrip: number
  /** One for each recipient, in order. `smtp` is the first line of a reply in its own words. */
  readonly verdicts: readonly { readonly kind: string; readonly smtp: string | undefined }[]
}

export interface Machine {
  /** Symbolic links are followed. */
  inspect(path: string): Promise<Reading<FileFacts>>
  /** The path without symbolic links; of a file that does not exist the path as it is. */
  realPath(path: string): Promise<string>
  readText(path: string): Promise<Reading<string>>
  /** Standard output of a program that ended with 0. */
  run(command: string, args: readonly string[]): Promise<Reading<string>>
  /** Whether something accepts a TCP connection there. */
  connects(host: string, port: number): Promise<Reading<true>>
  /** A whole conversation with the milter at SPEC, the way this mail server would hold it. */
  talk(spec: string, as: 'sendmail' | 'postfix', recipients: readonly string[]): Promise<Reading<MilterTalk>>
  freeSpace(path: string): Promise<Reading<FreeSpace>>
  /** Whether this Node can reckon in the zone. */
  knowsZone(timeZone: string): boolean
  /** Version of the time zone data in this Node, `2025b`. */
  readonly zoneData: string
  now(): number
  pause(milliseconds: number): Promise<void>
}
