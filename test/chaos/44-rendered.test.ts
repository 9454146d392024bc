import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { scenario, type Stage } from '../support/scenario.ts';
import { holds, until } from '../support/until.ts';
import { WatchedVite } from '../support/watched-vite.ts';

/** Vite 7 says the beginning of the file for any mistake in plain JavaScript, so no line is shown. */
const SAID = [
  { version: 8, said: /^degraded, not restarted \(source: src\/title\.js:1:\d+ / },
  { version: 7, said: /^degraded, not restarted \(source: src\/title\.js invalid JS syntax/ },
] as const;

for (const { version, said } of SAID) {
  scenario(44, `Vite ${version}`, async (stage: Stage) => {
    const web = await WatchedVite.start(stage, {
      vite: { version, isRendered: true },
      deepPeriod: '2s',
    });
    const fix = await web.app.edit('src/title.js', () => 'export const title = (;\n');
    const beganAt = performance.now();
    const { summary, incident } = await web.sandbox.reaches(web.name, 'degraded', 40_000);
    assert.match(summary, said);
    assert.equal(await web.app.page(2_000), 500);
    assert.ok(incident !== null);

    // Started again by somebody, it answers the ping at once, and its page is as broken as before.
    await web.sandbox.pm2('restart', web.name);
    const isJudged = async (): Promise<boolean> => {
      const { state, pid } = await web.sandbox.target(web.name);
      return state === 'degraded' && pid === (await web.pid());
    };
    await until('the new process is judged', isJudged, { withinMs: 60_000, everyMs: 200 });
    // A busy machine makes a page late now and then; the incident stays what it is.
    await holds('the page is broken, and it is left alone', 5_000, async () => {
      const now = await web.sandbox.target(web.name);
      return now.incident?.cause === 'source' && now.restarts.total === 0;
    });
    const still = await web.sandbox.target(web.name);
    // The document reckons it from the monotonic clock each time, so the last millisecond may differ.
    const driftMs = Date.parse(still.incident?.since ?? '') - Date.parse(incident.since);
    assert.ok(
      Math.abs(driftMs) < 50,
      `${still.incident?.since} is another incident than ${incident.since}`,
    );

    await fix();
    await web.healthy(90_000);
    assert.deepEqual(await web.restarts(), { pm2: 1, ours: 0 });
    assert.deepEqual(await opened(web.sandbox.home), ['source']);
    return web.figures(performance.now() - beganAt);
  });
}

/** The classes of the incidents that were opened. */
async function opened(home: string): Promise<string[]> {
  const text = await readFile(join(home, 'pm2-liveness', 'incidents.jsonl'), 'utf8');
  return text
    .trim()
    .split('\n')
    .flatMap((line) => {
      const { event, record } = JSON.parse(line) as { event: string; record?: { class: string } };
      return event === 'opened' && record ? [record.class] : [];
    });
}
