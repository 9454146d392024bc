// `npm run docs`: writes README's tables.
import { readFile, writeFile } from 'node:fs/promises';
import { withTables } from './readme.ts';

const file = new URL('../../README.md', import.meta.url);
const before = await readFile(file, 'utf8');
const after = withTables(before);
if (after !== before) await writeFile(file, after);
console.log(after === before ? "README's tables are as they should be" : 'wrote README.md');
