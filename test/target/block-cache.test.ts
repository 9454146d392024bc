import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { BlockCache } from '../../src/target/block-cache.ts';
import type { Misconfigured } from '../../src/target/block-cache.ts';
import { managed } from '../support/fake-pm2.ts';

const WRONG = { http: 'http://127.0.0.1:3000/', perod: '1s' };

/** A BlockCache, its reports, and how often a reported problem is read since. */
function settings(): { settings: BlockCache; told: string[]; looks: () => number } {
  const told: string[] = [];
  let looks = 0;
  const tell = (problem: Misconfigured): void => {
    const { name } = problem;
    told.push(name);
    Object.defineProperty(problem, 'name', {
      get: () => {
        looks += 1;
        return name;
      },
    });
  };
  return { settings: new BlockCache({}, tell), told, looks: () => looks };
}

describe('wrong blocks', () => {
  test('of many apps are not compared with each other: the work is linear', () => {
    const apps = 200;
    const known = settings();
    for (let pmId = 0; pmId < apps; pmId += 1) {
      known.settings.read(managed({ pmId, name: `app-${pmId}`, block: WRONG }));
    }
    assert.equal(known.told.length, apps);
    assert.ok(known.looks() <= apps, `${known.looks()} looks at ${apps} problems`);
    assert.equal(known.settings.misconfigured().length, apps);
    assert.ok(known.looks() <= 4 * apps, `${known.looks()} looks at ${apps} problems`);
  });

  test('are reported once for all instances, and again after all were fixed', () => {
    const known = settings();
    const app = (pmId: number, block: unknown) => managed({ pmId, name: 'web', block });
    const good = { http: 'http://127.0.0.1:3000/' };
    for (const pmId of [0, 1]) known.settings.read(app(pmId, WRONG));
    known.settings.read(app(0, good));
    known.settings.read(app(0, WRONG));
    assert.deepEqual(known.told, ['web']);
    assert.equal(known.settings.misconfigured().length, 1);
    for (const pmId of [0, 1]) known.settings.read(app(pmId, good));
    assert.deepEqual(known.settings.misconfigured(), []);
    known.settings.read(app(1, WRONG));
    assert.deepEqual(known.told, ['web', 'web']);
  });

  test('go with the apps that had them', () => {
    const known = settings();
    const process = managed({ block: WRONG });
    known.settings.read(process);
    assert.deepEqual(known.settings.retain([]), [0]);
    known.settings.read(process);
    assert.deepEqual(known.told, ['web', 'web']);
  });
});
