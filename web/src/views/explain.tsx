// Replaced by the view itself.
export function ExplainView() {
  return <h1>Explain</h1>
}
