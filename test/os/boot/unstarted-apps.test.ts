import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { UnstartedApps } from '../../../src/os/boot/unstarted-apps.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { until } from '../../support/until.ts';

describe('saved apps that PM2 could not start', () => {
  let home: string;
  const clock = new FakeClock();

  before(async () => {
    home = await mkdtemp(join(tmpdir(), 'pl-saved-'));
    const entry = (name: string): object => ({ name, pm_cwd: join(home, name) });
    await writeFile(join(home, 'dump.pm2'), JSON.stringify([entry('api'), entry('web')]));
  });
  after(() => rm(home, { recursive: true, force: true }));

  test('are named with what is missing and the command, until they are listed', async () => {
    let listed = [{ name: 'api', namespace: 'default' }];
    const apps = new UnstartedApps({ pm2Home: home, clock, pm2: { last: () => listed } });
    const warning = await until('it is found', async () => apps.warning);
    assert.equal(
      warning,
      `PM2 cannot start saved apps: web (its folder ${home}/web is missing); once that is back: \`pm2 resurrect\`; where it was deleted for good: \`pm2 save\``,
    );
    listed = ['api', 'web'].map((name) => ({ name, namespace: 'default' }));
    assert.equal(apps.warning, null);
    // Before PM2's first list, every app is missing.
    listed = [];
    assert.equal(apps.warning, null);
  });

  test('are named where another namespace, or another instance, has the same name', async () => {
    const other = await mkdtemp(join(tmpdir(), 'pl-saved-'));
    const web = (namespace: string, folder: string): object => ({
      name: 'web',
      namespace,
      pm_cwd: join(other, folder),
    });
    const entries = [web('a', ''), web('b', 'gone'), web('c', ''), web('c', 'away')];
    await writeFile(join(other, 'dump.pm2'), JSON.stringify(entries));
    let listed = ['a', 'c'].map((namespace) => ({ name: 'web', namespace }));
    const apps = new UnstartedApps({ pm2Home: other, clock, pm2: { last: () => listed } });
    const warning = await until('it is found', async () => apps.warning);
    assert.match(warning, /web \(its folder \S+\/gone is missing\), web \(.*\/away is missing\);/);
    listed = ['a', 'b', 'c', 'c'].map((namespace) => ({ name: 'web', namespace }));
    assert.equal(apps.warning, null);
    await rm(other, { recursive: true });
  });

  test('are none without a saved list', async () => {
    const pm2 = { last: () => [{ name: 'api', namespace: 'default' }] };
    const apps = new UnstartedApps({ pm2Home: join(home, 'nowhere'), clock, pm2 });
    assert.equal(apps.warning, null);
    await clock.pass(2_000);
    assert.equal(apps.warning, null);
  });
});
