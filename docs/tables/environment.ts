import { monitorMeanings } from '../../src/config/json-schema/meanings.ts';
import { readSettings } from '../../src/config/overrides.ts';
import { code, table } from './markdown.ts';

/** The settings for all apps, by both their names; those that mean what they mean in a block share a row. */
export function environmentTable(): string {
  const names = settingNames();
  const meanings = Object.entries(monitorMeanings);
  const own = meanings.map(([name, meaning]) => [variable(name), inModule(name), meaning]);
  const [first = '', ...others] = names.filter((name) => !meanings.some(([own]) => own === name));
  const more = others.map((name) => code(`…_${name.toUpperCase()}`));
  return table(
    ['environment', '`pm2 set pm2-liveness:…`', 'for all apps'],
    [
      ...own,
      [
        [variable(first), ...more].join(', '),
        `${inModule(first)}, …`,
        'the same as in a block; it overrides the block',
      ],
    ],
  );
}

/** All that the monitor asks a source of settings for. */
function settingNames(): readonly string[] {
  const names: string[] = [];
  readSettings({
    pathOf: (name) => name,
    valueOf: (name) => void names.push(name),
    names: [],
    strays: [],
    isOursAlone: true,
  });
  return names;
}

function variable(name: string): string {
  return code(`LIVENESS_${name.toUpperCase()}`);
}

function inModule(name: string): string {
  return code(`liveness_${name}`);
}
