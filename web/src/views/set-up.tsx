export function SetUpView() {
  return <h1>Set-up</h1>
}
