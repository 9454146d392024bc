import fastify from 'fastify';

const app = fastify();
let waiting = 0;

app.get('/', async () => 'Fastify under PM2');

// It has a fault that many APIs have: a computation in the request, which nothing bounds.
app.get('/primes', async ({ query }) => {
  let count = 0;
  for (let n = 2; count < Number(query.count); n += 1) count += isPrime(n) ? 1 : 0;
  return { count };
});

// And it waits for something that never comes, and takes no more work once too many wait.
app.get('/wait', () => {
  waiting += 1;
  return new Promise(() => {});
});

/** Shows whether the API can do its work, not only that it listens. */
app.get('/health', async (request, reply) => reply.code(waiting < 3 ? 200 : 503).send());

function isPrime(n) {
  for (let by = 2; by * by <= n; by += 1) if (n % by === 0) return false;
  return true;
}

// Without a host it listens on 127.0.0.1 or ::1 only; behind a proxy that is what you want.
await app.listen({ port: Number(process.env.PORT) });
