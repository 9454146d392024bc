import express from 'express';

/** @type {{ name: string }[]} */
const items = [{ name: 'bread' }, { name: 'milk' }];
const app = express();
app.use(express.json());

app.get('/', (request, response) => {
  response.json(items.map(({ name }) => name.toUpperCase()));
});

// Its two faults are those of many an API. A pattern is taken from whoever asks: `(a+)+$` never ends.
app.get('/search', ({ url }, response) => {
  const { searchParams } = new URL(url, 'http://localhost');
  const pattern = new RegExp(searchParams.get('pattern') ?? '');
  response.json({ isFound: pattern.test(searchParams.get('text') ?? '') });
});

// And what is sent is believed: one item without a name, and every list is an error from then on.
app.post('/', ({ body }, response) => {
  items.push(body);
  response.sendStatus(201);
});

/** Says whether the API can do what it is there for, not only that it listens. */
app.get('/health', (request, response) => {
  response.sendStatus(items.every(({ name }) => typeof name === 'string') ? 200 : 503);
});

app.listen(Number(process.env.PORT));
