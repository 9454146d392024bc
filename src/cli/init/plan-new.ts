import { usage } from '../framework/parse-arguments.ts';
import { detectApp } from './detect.ts';
import { howToAdd } from './plan-edit.ts';
import { monitorEntry, monitorNotes } from './monitor-entry.ts';
import type { Plan } from './plan.ts';
import { readProject } from './project.ts';
import { blockText, type Hand } from './edit/value-text.ts';

const HAND: Hand = { isJson: false, quote: "'", eol: '\n', step: '  ' };

/**
 * The plan of a first ecosystem file for the project in `dir`. Throws ERR_USAGE where there is nothing to
 * run.
 */
export function planNew(dir: string): Plan {
  const app = detectApp(readProject(dir));
  if (app === null) {
    throw usage(
      `init: ${dir} has no package.json with a 'dev' or 'start' script, nor Vite, Next, Create React App or Astro; run it in the folder of your app`,
    );
  }
  const monitor = monitorEntry(dir);
  const entries = [app, monitor].map((entry) => `    ${blockText(entry, '    ', HAND)},`);
  return {
    before: '',
    after: ['module.exports = {', '  apps: [', ...entries, '  ],', '};', ''].join('\n'),
    added: { blocks: { 0: app['env_liveness'] }, monitor },
    notes: [
      ...(app['env_liveness'] === undefined
        ? [howToAdd(typeof app['name'] === 'string' ? app['name'] : 'web')]
        : []),
      ...notesOf(app['script']),
      ...monitorNotes(monitor),
    ],
  };
}

function notesOf(script: unknown): string[] {
  if (script !== 'npm') return [];
  return ['npm runs the app; if you can, write the program of the app itself as the script'];
}
