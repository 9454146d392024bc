export function Greeting({ name }) {
  return <h1>{name} under PM2</h1>;
}
