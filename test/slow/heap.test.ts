import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { snapshotDir } from '../../src/diagnosis/heap/snapshot-files.ts';
import { AGENT } from '../support/agent-app.ts';
import { freePort, Pm2Sandbox } from '../support/pm2-sandbox.ts';
import { until } from '../support/until.ts';

/** Keeps what it is asked to make: ten megabytes of small objects, and a hundred of buffers. */
const CLI = new URL('../../dist/cli/main.js', import.meta.url).pathname;

const LEAKING = `
  import { createServer } from 'node:http';
  class Leaked { constructor(at) { this.at = at; this.list = [at]; } }
  const kept = [];
  createServer((request, response) => {
    if (request.url === '/leak') {
      for (let at = 0; at < 50_000; at += 1) kept.push(new Leaked(at));
      for (let at = 0; at < 10; at += 1) kept.push(Buffer.alloc(10_000_000, 1));
    }
    response.end('well');
  }).listen(Number(process.env.PORT), '127.0.0.1');`;

interface Incident {
  readonly diagnosis?: readonly string[];
}

describe(
  'an app that is restarted for its memory',
  { skip: process.platform !== 'linux', concurrency: 2 },
  () => {
    let sandbox: Pm2Sandbox;
    const ports = new Map<string, number>();

    before(async () => {
      sandbox = await Pm2Sandbox.create();
      await mkdir(join(sandbox.home, 'pm2-liveness'), { mode: 0o700 });
      await writeFile(join(sandbox.home, 'leaking.mjs'), LEAKING);
      const base = { script: join(sandbox.home, 'leaking.mjs'), node_args: `--import ${AGENT}` };
      const block = { period: '1s', timeout: '1s', maxTreeMemory: '150M' };
      for (const [name, more] of [
        ['counted', {}],
        ['dumped', { heapSnapshot: true }],
      ] as const) {
        const port = await freePort();
        ports.set(name, port);
        const http = `http://127.0.0.1:${port}/`;
        await sandbox.start({
          ...base,
          name,
          env: { PORT: String(port) },
          env_liveness: { ...block, http, ...more },
        });
      }
      await sandbox.startMonitor();
    });

    after(() => sandbox.destroy());

    /** Lets it leak, and gives its last incident once it is over. */
    async function incidentOf(name: string): Promise<Incident> {
      await sandbox.reaches(name, 'healthy', 60_000);
      const { pid } = await sandbox.app(name);
      await fetch(`http://127.0.0.1:${ports.get(name)}/leak`);
      const gone = async (): Promise<boolean> => (await sandbox.app(name)).pid !== pid;
      await until('it is restarted', gone, { withinMs: 150_000 });
      await sandbox.reaches(name, 'healthy', 60_000);
      const { out } = await sandbox.run(process.execPath, [CLI, 'events', name, '--json']);
      const records = out.split('\n').filter(Boolean);
      const first = records
        .map((line) => JSON.parse(line) as { record?: Incident })
        .find(({ record }) => record);
      assert.ok(first?.record !== undefined, out);
      return first.record;
    }

    test('its incident names what its heap is full of', async () => {
      const { diagnosis = [] } = await incidentOf('counted');
      assert.match(
        diagnosis[0] ?? '',
        /^its heap uses \d+ MB, and \d+ MB outside of it \(buffers\)/,
      );
      assert.match(diagnosis[0] ?? '', /50,000 Leaked/);
      assert.match(
        await sandbox.output('pm2-liveness'),
        /counted: .*more than maxTreeMemory 150 MB/,
      );
      const files = await readdir(snapshotDir(sandbox.home)).catch(() => []);
      assert.ok(!files.some((file) => file.includes('counted')));
    });

    test('its snapshot is a file for its owner alone, where that is wanted', async () => {
      const { diagnosis = [] } = await incidentOf('dumped');
      const file = /^heap snapshot: (?<file>.+)$/.exec(diagnosis[1] ?? '')?.groups?.['file'] ?? '';
      assert.match(file, /dumped-\d+\.heapsnapshot$/, diagnosis.join('\n'));
      assert.equal((await stat(file)).mode & 0o777, 0o600);
      const { snapshot, strings } = JSON.parse(await readFile(file, 'utf8')) as {
        snapshot: { node_count: number };
        strings: string[];
      };
      assert.ok(snapshot.node_count > 100_000);
      assert.ok(strings.includes('Leaked'));
    });
  },
);
