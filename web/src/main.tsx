import { render } from 'preact'
import type { State } from '../../src/admin/schemas.ts'

export function App({ state }: { state: State }) {
  return <h1>{state.version}</h1>
}

render(<h1>timedelay</h1>, document.body)
