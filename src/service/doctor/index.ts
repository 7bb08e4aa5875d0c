// The door of `service/doctor`: the examination behind `timedelay doctor`.

export { type DoctorDeps, type DoctorOptions, examine } from './examine.ts'
export type { Finding, Level } from './finding.ts'
export { localMachine } from './local-machine.ts'
