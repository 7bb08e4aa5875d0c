// Replaced by the view itself.
export function ActivityView() {
  return <h1>Activity</h1>
}
