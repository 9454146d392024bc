import { commandsTable } from './commands.ts';
import { environmentTable } from './environment.ts';
import { filled } from './markdown.ts';
import { fieldsTable, probesTable } from './probes.ts';
import { settingsTable } from './settings.ts';

const TABLES: Readonly<Record<string, () => string>> = {
  settings: settingsTable,
  probes: probesTable,
  fields: fieldsTable,
  environment: environmentTable,
  commands: commandsTable,
};

/** README with its tables as the schema and the commands have them now. */
export function withTables(readme: string): string {
  return Object.entries(TABLES).reduce(
    (page, [name, content]) => filled(page, name, content()),
    readme,
  );
}
