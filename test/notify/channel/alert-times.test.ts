import assert from 'node:assert/strict';
import { test } from 'node:test';
import { alertsOf } from '../../../src/notify/channel/alertmanager.ts';
import { appDown, notice, resolved } from '../notices.ts';

const LATER = '2026-11-28T13:00:00.000Z';
const NOW = Date.parse('2026-11-28T03:00:00.000Z');

test('a clock that was set back leaves no alert that fires until it has caught up', () => {
  const severityBefore = { severity: 'warning', at: LATER } as const;
  const [before] = alertsOf(notice({ apps: [appDown({ openedAt: LATER, severityBefore })] }), NOW);
  const [ended] = alertsOf(resolved({ openedAt: LATER, resolvedAt: LATER }), NOW);
  for (const alert of [before, ended]) {
    assert.equal(alert?.endsAt, new Date(NOW).toISOString());
    assert.ok(
      alert && alert.startsAt <= alert.endsAt,
      'Alertmanager refuses an alert that begins after its end',
    );
  }
});
