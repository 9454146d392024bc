// Writes version after version until it is killed; prints each one when it is reported to be on disk.
import { appKey } from '../../src/store/app-memory.ts';
import { Store } from '../../src/store/store.ts';
import { systemClock as clock } from '../../src/time/clock.ts';
import { memoryOf } from './memory-of.ts';

const { store } = await Store.open({ dir: process.argv[2] ?? '', clock });
const key = appKey('web', 0);
let version = store.get(key)?.memory.backoff.seed ?? 0;
for (;;) {
  version += 1;
  // Filler, so that a write takes more than one instant.
  for (let i = 1; i < 300; i += 1) store.put(appKey('filler', i), memoryOf([clock.now()], version));
  store.put(key, memoryOf([clock.now()], version));
  if (await store.saveNow()) process.stdout.write(`${version}\n`);
}
