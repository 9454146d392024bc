import { commandsTable } from './commands.ts';
import { environmentTable } from './environment.ts';
import { filled } from './markdown.ts';
import { fieldsTable, probesTable } from './probes.ts';
import { roomsTable } from './rooms.ts';
import { settingsTable } from './settings.ts';

/** The generated tables of each page, by the page's path in the project and the table's mark in it. */
export const PAGES: Readonly<Record<string, Readonly<Record<string, () => string>>>> = {
  'README.md': { commands: commandsTable },
  'docs/DESIGN.md': { rooms: roomsTable },
  'docs/SETTINGS.md': {
    settings: settingsTable,
    probes: probesTable,
    fields: fieldsTable,
    environment: environmentTable,
  },
};

/** A page with its tables as the schema and the commands have them now. */
export function withTables(path: string, page: string): string {
  return Object.entries(PAGES[path] ?? {}).reduce(
    (text, [name, content]) => filled(text, name, content()),
    page,
  );
}
