// Asks a page again and again, in whatever network it is run, and ends with the first good answer.
// `node first-answer.mjs <url> <text>`
import { setTimeout as sleep } from 'node:timers/promises';

const [url, text] = process.argv.slice(2);
for (;;) {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(1_000) });
    if (response.status === 200 && (await response.text()).includes(text)) break;
  } catch {
    // Not yet: nothing listens, or no answer in time.
  }
  await sleep(50);
}
