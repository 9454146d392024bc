import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, test } from 'node:test';
import { readBlock, type TargetConfig } from '../../../src/config/target-config.ts';
import { MetricsRecorder } from '../../../src/listener/metrics/metrics-recorder.ts';
import type { MetricFacts } from '../../../src/listener/metrics/families.ts';
import type { TargetView } from '../../../src/report/view.ts';
import type { ObservedRestart } from '../../../src/target/restarts/observed-restart.ts';
import { enterState, unknownUptime, type Uptime } from '../../../src/uptime/figures.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { Driver, OK, fail } from '../../support/verdict-driver.ts';

const read = readBlock(
  { http: { url: 'http://127.0.0.1:3000/secret-path', headers: { authorization: 's3cret' } } },
  {},
);
assert.ok(read.ok);
const config: TargetConfig = read.config;

const FACTS: MetricFacts = {
  version: '1.2.3',
  unfit: null,
  lastRoundAt: 0,
  host: { daemonBytes: 80e6, listMs: 12, freeBytes: 5e9, isSavedListStale: false },
  notifications: null,
};

/** A recorder with the workers of some apps. */
class Scene {
  readonly clock = new FakeClock();
  facts = FACTS;
  readonly driver = new Driver().comesOnline(1e6).answers(OK);
  views: TargetView[] = [];
  readonly recorder = new MetricsRecorder(
    this.clock,
    () => this.facts,
    () => this.views,
  );

  view(name: string, more: Partial<TargetView> = {}): TargetView {
    return {
      name,
      pmId: 0,
      pid: 4711,
      instance: 0,
      config,
      verdict: this.driver.verdict,
      last: { ...OK, at: 0, durationMs: 12 },
      restartsTotal: 0,
      uptime: unknownUptime(0),
      errorLog: null,
      ...more,
    };
  }

  /** The values of a series by its name and labels. */
  get values(): ReadonlyMap<string, number> {
    const lines = this.recorder.text('text').split('\n');
    return new Map(
      lines
        .filter((line) => line !== '' && !line.startsWith('#'))
        .map((line) => {
          const gap = line.lastIndexOf(' ');
          return [line.slice('pm2_liveness_'.length, gap), Number(line.slice(gap + 1))];
        }),
    );
  }
}

describe('what Prometheus reads', () => {
  test('has the event loop of apps with the agent, in seconds, and no series for others', () => {
    const scene = new Scene();
    scene.views = [scene.view('web'), scene.view('api')];
    scene.facts = {
      ...FACTS,
      loopDelayOf: ({ name }) => (name === 'web' ? { p50Ms: 1, p99Ms: 20, maxMs: 1_500 } : null),
    };
    const { values } = scene;
    const found = [...values].filter(([name]) => name.startsWith('event_loop'));
    assert.deepEqual(found, [
      ['event_loop_delay_p50_seconds{app="web",instance="0"}', 0.001],
      ['event_loop_delay_p99_seconds{app="web",instance="0"}', 0.02],
      ['event_loop_delay_max_seconds{app="web",instance="0"}', 1.5],
    ]);
  });

  test('is counted of samples, restarts and incidents', () => {
    const scene = new Scene();
    const view = scene.view('web');
    scene.views = [view];
    const target = { view: () => view };
    const at = { at: 0, durationMs: 30 };
    scene.recorder.onEvent({ type: 'sample', target, sample: { ...OK, ...at } });
    scene.recorder.onEvent({ type: 'sample', target, sample: { ...fail('timeout'), ...at } });
    const incident = {
      openedAt: 0,
      detectedAt: 0,
      cause: 'timeout',
      detail: 'x',
      restarts: 0,
    } as const;
    scene.recorder.onEvent({
      type: 'decision',
      view,
      decision: { type: 'incidentOpened', incident },
    });
    const order = {
      pmId: 0,
      name: 'web',
      method: 'restart',
      incarnation: null,
      orphan: [],
    } as const;
    const execution = { result: 'done', detail: '' } as const;
    scene.recorder.onEvent({ type: 'executed', view, order, execution, isRepeated: false });
    scene.recorder.onEvent({ type: 'executed', view, order, execution, isRepeated: true });
    const { values } = scene;
    const web = 'app="web",instance="0"';
    assert.equal(values.get(`probe_duration_seconds_count{${web},probe="http"}`), 2);
    assert.equal(values.get(`probe_duration_seconds_bucket{${web},probe="http",le="0.025"}`), 0);
    assert.equal(values.get(`probe_duration_seconds_bucket{${web},probe="http",le="0.05"}`), 2);
    assert.equal(values.get(`probe_failures_total{${web},class="timeout"}`), 1);
    assert.equal(values.get(`incidents_total{${web},class="timeout"}`), 1);
    assert.equal(values.get(`restarts_total{${web},result="done"}`), 1);
    assert.equal(values.get(`restarts_total{${web},result="failed"}`), 0);
    assert.equal(values.get(`target_state{${web},state="healthy"}`), 1);
    assert.equal(values.get(`target_state{${web},state="open"}`), 0);
  });

  test('a series ends with its app, and begins again at 0', () => {
    const scene = new Scene();
    const view = scene.view('web');
    scene.views = [view];
    const at = { at: 0, durationMs: 1 };
    const sample = { ...fail('refused'), ...at };
    scene.recorder.onEvent({ type: 'sample', target: { view: () => view }, sample });
    assert.match(scene.recorder.text('text'), /app="web"/);
    scene.views = [];
    assert.doesNotMatch(scene.recorder.text('text'), /app="web"/);
    scene.views = [view];
    assert.equal(
      scene.values.get('probe_failures_total{app="web",instance="0",class="refused"}'),
      undefined,
    );
  });

  test('no two series have the same labels, also for apps with odd names', () => {
    const scene = new Scene();
    scene.views = ['a\u001Bc', 'a\uFFFDc', 'a\uFFFDc'].map((name) => scene.view(name));
    const lines = scene.recorder
      .text('openmetrics')
      .split('\n')
      .map((line) => line.slice(0, line.lastIndexOf(' ')));
    const series = lines.filter((line) => line.includes('{'));
    assert.equal(new Set(series).size, series.length);
  });

  test('nothing of the probe but its kind is shown', () => {
    const scene = new Scene();
    scene.views = [scene.view('web', { errorLog: '/home/someone/error.log' })];
    assert.doesNotMatch(scene.recorder.text('text'), /s3cret|secret-path|3000|4711|someone/);
  });

  test('a restart under PM2 is counted once, and none from before', () => {
    const scene = new Scene();
    const wall = scene.clock.wall();
    const at = (time: number, count = 1): ObservedRestart => {
      return { pmId: 0, at: time, cause: 'crash', detail: 'd', count };
    };
    const seen = (...last: ObservedRestart[]): TargetView[] => [
      scene.view('web', { pm2Restarts: { seen: [], last } }),
    ];
    const value = (): number | undefined =>
      scene.values.get('pm2_restarts_total{app="web",instance="0",cause="crash"}');
    scene.views = seen(at(wall - 1));
    assert.equal(value(), 0);
    scene.views = seen(at(wall - 1), at(wall + 5));
    assert.deepEqual([value(), value()], [1, 1]);
    scene.views = seen(at(wall + 5), at(wall + 9, 3));
    assert.deepEqual([value(), value()], [4, 4]);
  });

  test('two targets with the same labels are counted together, and the worse one is shown', () => {
    const scene = new Scene();
    const wall = scene.clock.wall();
    const restartOf = (pmId: number): TargetView['pm2Restarts'] & object => {
      return { seen: [], last: [{ pmId, at: wall + 5, cause: 'crash', detail: 'd', count: 1 }] };
    };
    const well = scene.view('web', { pm2Restarts: restartOf(0) });
    const bad = scene.view('web', {
      pmId: 1,
      pm2Restarts: restartOf(1),
      last: { ...fail('timeout'), at: 0, durationMs: 1 },
    });
    scene.views = [well, bad];
    const web = 'app="web",instance="0"';
    for (let times = 0; times < 3; times += 1) {
      const { values } = scene;
      assert.equal(values.get(`pm2_restarts_total{${web},cause="crash"}`), 2);
      assert.equal(values.get(`probe_success{${web},probe="http"}`), 0);
    }
  });

  test('time is counted as the uptime has it, from the first look on', async () => {
    const scene = new Scene();
    let uptime: Uptime = enterState(unknownUptime(scene.clock.now()), 'up', scene.clock.now());
    const look = (): readonly (number | undefined)[] => {
      scene.views = [scene.view('web', { uptime })];
      const { values } = scene;
      return ['observed', 'down'].map((word) =>
        values.get(`${word}_seconds_total{app="web",instance="0"}`),
      );
    };
    assert.deepEqual(look(), [0, 0]);
    await scene.clock.pass(10_000);
    uptime = enterState(uptime, 'down', scene.clock.now() - 4_000);
    assert.deepEqual(look(), [10, 4]);
    await scene.clock.pass(5_000);
    uptime = enterState(uptime, 'unseen', scene.clock.now());
    assert.deepEqual(look(), [15, 9]);
    await scene.clock.pass(60_000);
    assert.deepEqual(look(), [15, 9]);
  });

  test('what is not known has no series', () => {
    const scene = new Scene();
    const host = { daemonBytes: null, listMs: null, freeBytes: null, isSavedListStale: true };
    scene.facts = { ...FACTS, host, lastRoundAt: null, unfit: 'PM2 does not answer' };
    const { values } = scene;
    for (const name of ['daemon_resident_memory_bytes', 'daemon_rpc_seconds', 'disk_free_bytes']) {
      assert.equal(values.has(name), false, name);
    }
    assert.equal(values.has('last_round_timestamp_seconds'), false);
    assert.deepEqual([values.get('fit'), values.get('saved_list_stale')], [0, 1]);
  });

  const promtool = spawnSync('promtool', ['--version']);
  test('promtool finds nothing to say against it', { skip: promtool.error !== undefined }, () => {
    const scene = new Scene();
    scene.views = [scene.view('web', { tlsNotAfter: 1e12 }), scene.view('"api"')];
    scene.facts = {
      ...FACTS,
      notifications: {
        ping: null,
        channels: [
          {
            name: 'mail',
            shown: 'smtp',
            waiting: 1,
            sent: 2,
            failed: 0,
            problem: null,
            lastSentAt: null,
          },
        ],
      },
    };
    const checked = spawnSync('promtool', ['check', 'metrics'], {
      input: scene.recorder.text('text'),
      encoding: 'utf8',
      timeout: 20_000,
    });
    assert.deepEqual([checked.status, checked.stdout, checked.stderr], [0, '', '']);
  });
});
