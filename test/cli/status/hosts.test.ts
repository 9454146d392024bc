import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { statusOfHosts } from '../../../src/cli/status/hosts.ts';
import { status } from '../../../src/cli/status/status.ts';
import { parseArguments } from '../../../src/cli/framework/parse-arguments.ts';
import type { ExitCode } from '../../../src/cli/framework/command.ts';
import { readBlock } from '../../../src/config/target-config.ts';
import { statusDocument, type StatusDocument } from '../../../src/report/status.ts';
import { unknownUptime } from '../../../src/uptime/figures.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { Driver, fail, OK, policyOf } from '../../support/verdict-driver.ts';
import { FakeIo } from '../io.ts';

const read = readBlock({ tcp: '127.0.0.1:1' }, {});
assert.ok(read.ok);
const { config } = read;
const TOKEN = 'f00dfeedf00dfeed0001';

/** A status document of one app. */
function documentOf(name: string, isWell: boolean): StatusDocument {
  const driver = new Driver(policyOf()).comesOnline(1e6);
  if (isWell) driver.answers(OK);
  else driver.answers(OK, fail('refused'));
  const view = {
    name,
    pmId: 0,
    pid: 1,
    instance: 0,
    config,
    verdict: driver.verdict,
    last: null,
    restartsTotal: 0,
    uptime: unknownUptime(0),
    errorLog: null,
  };
  const leading = { unfit: null, history: { isKept: true, why: null }, unwatched: [] };
  const facts = { version: '1', pid: 1, beganAt: 0, problems: [], leading };
  return statusDocument(facts, [view], [], new FakeClock());
}

async function listen(t: TestContext, listener: RequestListener): Promise<string> {
  const server: Server = createServer(listener);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const says =
  (body: unknown): RequestListener =>
  (_, response) => {
    response.end(JSON.stringify(body));
  };

async function run(...words: string[]): Promise<{ code: ExitCode; out: string[]; text: string }> {
  const io = new FakeIo();
  const code = await statusOfHosts(parseArguments(status, words), io);
  return { code, out: io.outLines, text: io.outLines.join('\n') };
}

const asked = (hosts: readonly string[]): string[] => hosts.flatMap((host) => ['--host', host]);

describe('status --host', () => {
  test('is one table over all hosts, in their order, and 0 where all is well', async (t) => {
    const a = await listen(t, says(documentOf('web', true)));
    const b = await listen(t, says(documentOf('api', true)));
    const { code, out } = await run(...asked([a, b]));
    assert.equal(code, 0);
    assert.deepEqual(
      out.map((line) => line.split(/\s+/).slice(0, 3)),
      [
        ['HOST', 'APP', 'STATE'],
        [a, 'web', 'healthy'],
        [b, 'api', 'healthy'],
      ],
    );
  });

  test('shows why an app is not well, and ends with 1', async (t) => {
    const a = await listen(t, says(documentOf('web', false)));
    const b = await listen(t, says(documentOf('web', true)));
    const { code, out } = await run(...asked([a, b]));
    assert.equal(code, 1);
    assert.match(out[1] ?? '', /web +failing/);
    assert.match(out[2] ?? '', /^ {2}\S.*refused/);
  });

  test('knows nothing of a host that cannot be read, says why, and ends with 3', async (t) => {
    const well = await listen(t, says(documentOf('web', true)));
    const BAD: readonly (readonly [RequestListener, RegExp])[] = [
      [says({ schemaVersion: 2 }), /it sent no status document: is it the LIVENESS_HTTP/],
      [
        (_, response) => response.end('<html>'),
        /it sent no status document: its answer is not valid JSON/,
      ],
      [(_, response) => response.end('['.repeat(100_000)), /has more than 16 levels/],
      [(_, response) => response.writeHead(401).end('s3cret'), /it wants a token \(401\)/],
      [
        (_, response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
        /another address \(302\)/,
      ],
      [(_, response) => response.writeHead(500).end(), /it answered 500/],
      [(request) => request.socket.destroy(), /closed|ECONNRESET|UND_ERR_SOCKET/],
      [says({ ...documentOf('web', true), targets: [{ name: {} }, null, 7] }), /cannot be read/],
      [says({ ...documentOf('web', true), monitor: {}, problems: 7 }), /cannot be read/],
    ];
    const bad = await Promise.all(BAD.map(([listener]) => listen(t, listener)));
    const { code, out } = await run(...asked([...bad, well, '127.0.0.1:1']));
    assert.equal(code, 3);
    BAD.forEach(([, why], at) => {
      assert.match(out[1 + 2 * at] ?? '', new RegExp(`^${bad[at]} +– +unknown`));
      assert.match(out[2 + 2 * at] ?? '', why);
    });
    assert.match(out.at(-3) ?? '', /web +healthy/);
    assert.match(out.at(-1) ?? '', /nothing listens there \(ECONNREFUSED\)|bad port/);
  });

  test('sends each host the token of its line alone, follows nobody with it and shows it nowhere', async (t) => {
    const got: (string | undefined)[] = [];
    const keeps: RequestListener = (request, response) => {
      got.push(request.headers.authorization);
      response.writeHead(403).end(request.headers.authorization);
    };
    const other = await listen(t, keeps);
    const guarded = await listen(t, (request, response) => {
      got.push(request.headers.authorization);
      response.writeHead(307, { location: `http://${other}/api/status` }).end();
    });
    const folder = await mkdtemp(join(tmpdir(), 'pl-hosts-'));
    t.after(() => rm(folder, { recursive: true, force: true }));
    const file = join(folder, 'hosts');
    await writeFile(file, `${guarded} ${TOKEN}\n`, { mode: 0o600 });
    const { text } = await run('--hosts-file', file);
    await run('--hosts-file', file, '--host', other);
    assert.deepEqual(got, [`Bearer ${TOKEN}`, undefined]);
    assert.ok(!text.includes(TOKEN));
  });

  test('obeys nothing that a host says', async (t) => {
    const evil = documentOf('w\u001B[31m\nx', false);
    const { text } = await run('--host', await listen(t, says(evil)));
    assert.ok(text.includes('w') && !text.includes('\u001B'));
  });

  test('narrows to an app, and leaves out the hosts without it', async (t) => {
    const a = await listen(t, says(documentOf('web', true)));
    const b = await listen(t, says(documentOf('api', false)));
    const { code, out } = await run('web', ...asked([a, b]));
    assert.equal(code, 0);
    assert.equal(out.length, 2);
    await assert.rejects(run('nope', ...asked([a, b])), { code: 'ERR_USAGE' });
  });

  test('prints the documents as JSON, null for the unknown', async (t) => {
    const a = await listen(t, says(documentOf('web', true)));
    const b = await listen(t, (_, response) => response.writeHead(500).end());
    const { code, text } = await run('--json', ...asked([a, b]));
    assert.equal(code, 3);
    const { schemaVersion, hosts } = JSON.parse(text) as {
      schemaVersion: number;
      hosts: { host: string; status: StatusDocument | null; problem: string | null }[];
    };
    assert.equal(schemaVersion, 1);
    assert.deepEqual(
      hosts.map(({ host, status: of, problem }) => [
        host,
        of?.targets[0]?.name ?? null,
        problem === null,
      ]),
      [
        [a, 'web', true],
        [b, null, false],
      ],
    );
  });
});
