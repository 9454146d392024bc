export function loader() {
  return { startedAt: new Date().toISOString() };
}

export default function Home({ loaderData }) {
  return <h1>React Router under PM2, since {loaderData.startedAt}</h1>;
}
