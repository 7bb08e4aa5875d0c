// The door of the SQLite engine.

export { LiveStore, type LiveStoreOptions } from './live-store.ts'
export { openSqliteStore, type SqliteStore } from './sqlite-store.ts'
export { WorkerSink } from './worker-sink.ts'
