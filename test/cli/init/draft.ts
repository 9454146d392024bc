// Replaces the ecosystem file of a folder with itself and a comment, as the user who runs it.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { draftOf } from '../../../src/cli/init/write.ts';

const file = join(process.argv[2] ?? '', 'ecosystem.config.cjs');
const before = await readFile(file, 'utf8');
const added = { blocks: {}, monitor: null };
const draft = await draftOf(file, { before, after: `${before}// more\n`, added, notes: [] });
await draft.take();
