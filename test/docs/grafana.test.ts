import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { z } from 'zod';

/*
 * Grafana publishes no JSON Schema of the dashboards that it imports (version 39 of its model), so this is a strict one of
 * our own: the fields that we use, in the forms of its reference. A field that is not here is refused.
 */
const DATASOURCE = z.strictObject({
  type: z.literal('prometheus'),
  uid: z.literal('${datasource}'),
});
const MAPPING = z.strictObject({
  type: z.enum(['value', 'special', 'range', 'regex']),
  options: z.record(z.string(), z.unknown()),
});
const THRESHOLDS = z.strictObject({
  mode: z.enum(['absolute', 'percentage']),
  // The first one has no value: it counts from below all.
  steps: z.tuple(
    [z.strictObject({ color: z.string(), value: z.null() })],
    z.strictObject({ color: z.string(), value: z.number() }),
  ),
});
const FIELDS = z.strictObject({
  color: z.strictObject({ mode: z.enum(['thresholds', 'palette-classic', 'fixed']) }).optional(),
  custom: z.record(z.string(), z.unknown()).optional(),
  decimals: z.int().min(0).optional(),
  mappings: z.array(MAPPING).optional(),
  max: z.number().optional(),
  min: z.number().optional(),
  thresholds: THRESHOLDS.optional(),
  unit: z.enum(['s', 'bytes', 'percentunit', 'short', 'none', 'dtdurations']).optional(),
});
const TARGET = z.strictObject({
  datasource: DATASOURCE,
  editorMode: z.literal('code').optional(),
  expr: z.string().min(1),
  format: z.enum(['time_series', 'table', 'heatmap']).optional(),
  instant: z.boolean().optional(),
  interval: z.string().optional(),
  legendFormat: z.string().optional(),
  range: z.boolean().optional(),
  refId: z.string().regex(/^[A-Z]$/),
});
const GRID = z.strictObject({
  x: z.int().min(0).max(23),
  y: z.int().min(0),
  w: z.int().min(1).max(24),
  h: z.int().min(1),
});
const NAMED = { id: z.int().positive(), title: z.string().min(1), gridPos: GRID };
const ROW = z.strictObject({
  ...NAMED,
  type: z.literal('row'),
  collapsed: z.literal(false),
  panels: z.array(z.never()),
});
const LEGEND = z.strictObject({
  calcs: z.array(z.string()),
  displayMode: z.enum(['list', 'table', 'hidden']),
  placement: z.enum(['bottom', 'right']),
  showLegend: z.boolean(),
});
const TOOLTIP = z.strictObject({
  mode: z.enum(['single', 'multi', 'none']),
  sort: z.enum(['none', 'asc', 'desc']),
});
const REDUCE = z.strictObject({
  calcs: z.array(z.enum(['lastNotNull', 'last', 'mean', 'max', 'min'])),
  fields: z.string(),
  values: z.boolean(),
});
const AUTO = z.enum(['auto', 'center', 'horizontal', 'vertical']);
const panel = <Type extends string, Options extends z.ZodType>(type: Type, options: Options) =>
  z.strictObject({
    ...NAMED,
    type: z.literal(type),
    description: z.string(),
    datasource: DATASOURCE,
    fieldConfig: z.strictObject({ defaults: FIELDS, overrides: z.array(z.never()) }),
    options,
    targets: z.array(TARGET).min(1),
  });
const PANEL = z.discriminatedUnion('type', [
  ROW,
  panel('timeseries', z.strictObject({ legend: LEGEND, tooltip: TOOLTIP })),
  panel(
    'stat',
    z.strictObject({
      colorMode: z.enum(['value', 'background', 'none']),
      graphMode: z.enum(['area', 'none']),
      justifyMode: AUTO,
      orientation: AUTO,
      reduceOptions: REDUCE,
      textMode: z.enum(['auto', 'value', 'value_and_name', 'name', 'none']),
    }),
  ),
  panel(
    'bargauge',
    z.strictObject({
      displayMode: z.enum(['basic', 'gradient', 'lcd']),
      orientation: AUTO,
      reduceOptions: REDUCE,
      showUnfilled: z.boolean(),
      valueMode: z.enum(['color', 'text', 'hidden']),
    }),
  ),
  panel(
    'state-timeline',
    z.strictObject({
      legend: LEGEND,
      mergeValues: z.boolean(),
      rowHeight: z.number().positive().max(1),
      showValue: z.enum(['auto', 'always', 'never']),
      tooltip: TOOLTIP,
    }),
  ),
]);
const text = readFileSync(new URL('../../docs/grafana/pm2-liveness.json', import.meta.url), 'utf8');
const { panels, ...rest } = JSON.parse(text) as { panels: unknown[] };

test('each panel of the dashboard has the fields of its type and no others', () => {
  const ids = panels.map((each) => {
    const found = PANEL.safeParse(each);
    assert.ok(found.success, `${JSON.stringify(each).slice(0, 200)}: ${found.error?.message}`);
    return found.data.id;
  });
  assert.equal(new Set(ids).size, ids.length, 'each id once');
});

test('a panel with a field that is misspelt is refused', () => {
  const [, stat] = panels as { options: object }[];
  assert.ok(stat && PANEL.safeParse(stat).success);
  assert.ok(!PANEL.safeParse({ ...stat, option: stat.options }).success);
  assert.ok(!PANEL.safeParse({ ...stat, options: { ...stat.options, graphMod: 'area' } }).success);
});

test('the dashboard is one that Grafana 10 imports, and each variable of a query is defined', () => {
  const found = z
    .object({
      uid: z.string().regex(/^[\w-]{1,40}$/),
      title: z.string().min(1),
      schemaVersion: z.literal(39),
      time: z.strictObject({ from: z.string(), to: z.string() }),
      templating: z.strictObject({ list: z.array(z.looseObject({ name: z.string() })) }),
    })
    .parse(rest);
  const known = new Set([
    ...found.templating.list.map(({ name }) => name),
    '__rate_interval',
    '__range',
  ]);
  const used = [...text.matchAll(/\$\{?(\w+)/g)].map(([, name = '']) => name);
  assert.ok(used.length > 0);
  assert.deepEqual(
    used.filter((name) => !known.has(name) && name !== '__all'),
    [],
  );
});
