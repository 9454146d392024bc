import express from 'express';

/** @type {{ name: string }[]} */
const items = [{ name: 'bread' }, { name: 'milk' }];
const app = express();
app.use(express.json());

app.get('/', (request, response) => {
  response.json(items.map(({ name }) => name.toUpperCase()));
});

// It has two faults that many APIs have. It uses a pattern that the client sends: `(a+)+$` never ends.
app.get('/search', ({ url }, response) => {
  const { searchParams } = new URL(url, 'http://localhost');
  const pattern = new RegExp(searchParams.get('pattern') ?? '');
  response.json({ isFound: pattern.test(searchParams.get('text') ?? '') });
});

// And it does not check what is sent: after one item without a name every list is an error.
app.post('/', ({ body }, response) => {
  items.push(body);
  response.sendStatus(201);
});

/** Shows whether the API can do its work, not only that it listens. */
app.get('/health', (request, response) => {
  response.sendStatus(items.every(({ name }) => typeof name === 'string') ? 200 : 503);
});

app.listen(Number(process.env.PORT));
