import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readBlock } from '../../src/config/target-config.ts';
import type { ManagedProcess } from '../../src/pm2/process.ts';
import { cycleThrough, knotsOf } from '../../src/target/cycles.ts';
import { dependencyGraph, missingText } from '../../src/target/dependency-graph.ts';
import { managed } from '../support/fake-pm2.ts';

type App = {
  process: ManagedProcess;
  config: Extract<ReturnType<typeof readBlock>, { ok: true }>['config'];
};

function app(name: string, pmId: number, block: object, namespace = 'default'): App {
  const read = readBlock({ tcp: `127.0.0.1:${4_000 + pmId}`, ...block }, {});
  assert.ok(read.ok);
  return { process: managed({ name, pmId, namespace }), config: read.config };
}

function graphOf(...apps: App[]): ReturnType<typeof dependencyGraph> {
  return dependencyGraph(
    apps,
    apps.map(({ process }) => process),
  );
}

describe('who depends on whom', () => {
  test('a cycle of three is named from each of its apps, and what is beside it counts', () => {
    const graph = graphOf(
      app('web', 0, { dependsOn: ['api', 'cache'] }),
      app('api', 1, { dependsOn: 'db' }),
      app('db', 2, { dependsOn: 'web' }),
      app('cache', 3, {}),
      app('page', 4, { dependsOn: 'web' }),
    );
    assert.deepEqual(
      [...graph.cycles],
      [
        [0, 'web → api → db → web'],
        [1, 'api → db → web → api'],
        [2, 'db → web → api → db'],
      ],
    );
    const counted = [...graph.counted].map(([id, all]) => [id, all.map(({ key }) => key)]);
    assert.deepEqual(counted, [
      [0, ['cache']],
      [1, []],
      [2, []],
      [4, ['web']],
    ]);
  });

  test('an app that names itself, or its own URL by any name of this machine', () => {
    const own = graphOf(app('web', 0, { dependsOn: ['web'] }));
    assert.equal(own.cycles.get(0), 'web → web');
    for (const url of ['tcp://localhost:4000', 'http://[::1]:4000/health']) {
      assert.equal(graphOf(app('web', 0, { dependsOn: url })).cycles.get(0), 'web → web');
    }
  });

  test('a cycle through a URL', () => {
    const graph = graphOf(
      app('web', 0, { dependsOn: 'tcp://127.0.0.1:4001' }),
      app('api', 1, { dependsOn: 'web' }),
    );
    assert.equal(graph.cycles.get(0), 'web → api → web');
  });

  test('namesakes: those of the own namespace, else all', () => {
    const graph = graphOf(
      app('web', 0, { dependsOn: 'db' }, 'shop'),
      app('db', 1, {}, 'shop'),
      app('db', 2, {}, 'blog'),
    );
    const ids = (namespace: string): number[] =>
      graph.processesOf('db', namespace).map(({ pmId }) => pmId);
    assert.deepEqual([ids('shop'), ids('blog'), ids('other')], [[1], [2], [1, 2]]);
  });

  test('a chain of thousands is walked without recursion, and a ring of them found', () => {
    const names = Array.from({ length: 20_000 }, (_, at) => String(at));
    const chain = new Map(names.map((name, at) => [name, [String(at + 1)]]));
    assert.equal(knotsOf(chain).size, 0);
    chain.set('19999', ['0']);
    const knots = knotsOf(chain);
    assert.equal(knots.size, 20_000);
    assert.equal(cycleThrough('7', chain, knots).length, 20_001);
  });

  test('a name that PM2 does not have is reported with what was meant', () => {
    assert.equal(
      missingText('bd', [managed({ name: 'db', pmId: 1 })]),
      "PM2 has no app 'bd' (did you mean 'db'?); until it has one, this entry does not count",
    );
  });
});
