import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';

/** What is wrong with the instructions of a Dockerfile, by the rules that such linters share. */
function faultsOf(dockerfile: string): string[] {
  const lines = dockerfile.replaceAll('\\\n', ' ').split('\n');
  const instructions = lines.filter((line) => line.trim() !== '' && !line.startsWith('#'));
  return instructions.flatMap((line) => {
    const [, word = '', rest = ''] = /^(\S+)\s+(.+)$/.exec(line) ?? [];
    const faults: string[] = [];
    if (!/^(?:FROM|RUN|COPY|WORKDIR|ENV|USER|EXPOSE|HEALTHCHECK|CMD|ENTRYPOINT)$/.test(word)) {
      faults.push(`no instruction: ${line}`);
    }
    if (word === 'FROM' && !/:(?!latest\b)\S+|@sha256:/.test(rest)) faults.push(`no tag: ${line}`);
    if (word === 'HEALTHCHECK' && !/(?:^|\s)CMD\s\S/.test(rest)) faults.push(`no CMD: ${line}`);
    if (/\bapt-get install\b/.test(rest)) {
      const isWhole = /^apt-get update && apt-get install -y --no-install-recommends \S/.test(rest);
      if (!isWhole)
        faults.push(`an old list of packages, a question or packages too many: ${line}`);
      if (!rest.endsWith('&& rm -rf /var/lib/apt/lists/*')) faults.push(`keeps lists: ${line}`);
    }
    return faults;
  });
}

describe('the Dockerfile of docs/DOCKER.md', () => {
  test('has no fault', async () => {
    const text = await readFile(join(import.meta.dirname, '../../docs/DOCKER.md'), 'utf8');
    const blocks = [...text.matchAll(/^```dockerfile\n([\s\S]*?)^```$/gm)].map(
      ([, block]) => block,
    );
    assert.ok(blocks.length > 0);
    for (const block of blocks) assert.deepEqual(faultsOf(block ?? ''), []);
  });

  test('would have these', () => {
    for (const line of [
      'RUM ls',
      'FROM node',
      'FROM node:latest',
      'HEALTHCHECK npx pm2-liveness check --all',
      'RUN apt-get install -y procps',
      'RUN apt-get update && apt-get install -y --no-install-recommends procps',
    ]) {
      assert.ok(faultsOf(line).length > 0, line);
    }
  });
});
