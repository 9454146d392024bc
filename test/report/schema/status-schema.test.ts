import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { z } from 'zod';
import { readBlock } from '../../../src/config/target-config.ts';
import { incidentsForm, incidentsSchema } from '../../../src/report/schema/incidents-schema.ts';
import { statusForm, statusSchema } from '../../../src/report/schema/status-schema.ts';
import { statusDocument, type StatusDocument } from '../../../src/report/status.ts';
import type { TargetView } from '../../../src/report/view.ts';
import { unknownUptime } from '../../../src/uptime/figures.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { Driver, OK, fail } from '../../support/verdict-driver.ts';

const read = readBlock({ http: 'http://127.0.0.1:3000/' }, {});
assert.ok(read.ok);
const { config } = read;

function viewOf(driver: Driver, more: Partial<TargetView> = {}): TargetView {
  return {
    name: 'web',
    pmId: 0,
    pid: 4711,
    instance: 0,
    config,
    verdict: driver.verdict,
    last: { ...OK, at: driver.now, durationMs: 1, timings: { connectMs: 1 } },
    restartsTotal: 1,
    uptime: unknownUptime(0),
    errorLog: null,
    ...more,
  };
}

const healthy = (): Driver => new Driver().comesOnline(1e6).answers(OK);
const bad = fail('timeout');

/** A document with all that it can have, in several states. */
function fullDocument(): StatusDocument {
  const at = 1_700_000_000_000;
  const views = [
    viewOf(healthy(), {
      instances: { online: 1, all: 2 },
      portNote: 'a',
      diagnosis: ['hung in parse (server.mjs:2)', 'at parse (server.mjs:2)'],
      releaseNote: 'b',
      slow: { medianMs: 1, limitMs: 1, answers: 3 },
      certificate: { notAfter: at, leftMs: 1 },
      dependsOn: () => [{ name: 'db', state: 'up', detail: 'x' }],
      pm2Restarts: { seen: [], last: [{ pmId: 0, at, cause: 'crash', detail: 'd', count: 1 }] },
    }),
    viewOf(new Driver(), { last: null }),
    viewOf(healthy().answers(bad, bad, bad)),
    viewOf(healthy().answers(fail('source'))),
    viewOf(healthy().process('stopped')),
    viewOf(healthy().apply({ type: 'fitness', at: 2_000, unfit: 'PM2 does not answer' })),
  ];
  const leading = {
    unfit: null,
    history: { isKept: false, why: 'x' },
    lastRoundAt: 1,
    unwatched: ['a'],
    listener: { url: 'http://127.0.0.1:1', isGuarded: true, problem: null },
    notifications: {
      channels: [
        { name: 'a', shown: 'b', waiting: 1, sent: 1, failed: 1, problem: null, lastSentAt: null },
      ],
      ping: { shown: 'x', lastOkAt: null, problem: 'y' },
    },
  };
  const facts = { version: '1', pid: 1, beganAt: 0, problems: ['p'], leading };
  const wrong = { name: 'x', pmId: 1, isWatched: false, message: 'm', effect: 'e' };
  return statusDocument(facts, views, [wrong], new FakeClock());
}

/** The places of a document that the schema says nothing of. */
function undescribed(value: unknown, schema: unknown, place = '$'): string[] {
  const form = schema as {
    properties?: Record<string, unknown>;
    items?: unknown;
    anyOf?: readonly unknown[];
    propertyNames?: unknown;
  };
  const forms = form.anyOf ?? [form];
  if (Array.isArray(value)) {
    const { items } = form;
    return value.flatMap((each, nth) => undescribed(each, items ?? {}, `${place}[${nth}]`));
  }
  if (typeof value !== 'object' || value === null || form.propertyNames !== undefined) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const found = forms
      .map((each) => (each as { properties?: Record<string, unknown> }).properties?.[key])
      .find((each) => each !== undefined);
    return found === undefined ? [`${place}.${key}`] : undescribed(inner, found, `${place}.${key}`);
  });
}

describe('the schema of the status document', () => {
  test('takes what the monitor answers, and names every field of it', () => {
    const document: unknown = JSON.parse(JSON.stringify(fullDocument()));
    const parsed = statusForm.safeParse(document);
    assert.ok(parsed.success, parsed.error && z.prettifyError(parsed.error));
    assert.deepEqual(undescribed(document, statusSchema()), []);
  });

  test('takes the document of a standby', () => {
    const facts = { version: '1', pid: 1, beganAt: 0, problems: [], leading: null };
    const document = statusDocument(facts, [], [], new FakeClock());
    assert.ok(statusForm.safeParse(document).success);
  });

  test('takes a field that a later version adds, and refuses a wrong one', () => {
    const document = fullDocument();
    assert.ok(statusForm.safeParse({ ...document, more: 1 }).success);
    assert.ok(!statusForm.safeParse({ ...document, schemaVersion: 2 }).success);
    assert.ok(!statusForm.safeParse({ ...document, targets: [{ name: 'x' }] }).success);
  });
});

test('the schema of incidents has a title, and refuses a line of an error log', () => {
  assert.equal(
    (incidentsSchema() as { title: string }).title,
    'Incidents of the apps that pm2-liveness watches',
  );
  const record = {
    openedAt: '2026-01-01T00:00:00.000Z',
    detectedAt: '2026-01-01T00:00:00.000Z',
    class: 'timeout',
    detail: 'd',
    resolvedAt: null,
    end: null,
    downtimeMs: null,
    restarts: 0,
    actions: [],
    trail: [],
    errorLog: null,
  };
  const document = (errorLog: unknown): unknown => {
    const incident = { app: 'a', instance: 0, id: '1', record: { ...record, errorLog } };
    return { schemaVersion: 1, incidents: [incident], isCut: false };
  };
  assert.ok(incidentsForm.safeParse(document(null)).success);
  assert.ok(!incidentsForm.safeParse(document({ lines: ['secret'] })).success);
});
