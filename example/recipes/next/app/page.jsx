export default function Page() {
  return <h1>Next under PM2</h1>;
}
