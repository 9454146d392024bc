export function App() {
  return <h1>React under PM2</h1>;
}
