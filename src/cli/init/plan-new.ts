import { usage } from '../framework/parse-arguments.ts';
import { agentsOf } from './agents-of.ts';
import { detectApp } from './detect.ts';
import { ASK_NOBODY, type AskForBlock } from './ask-block.ts';
import { asWritten, howToAdd, proposalNote } from './plan-edit.ts';
import { monitorEntry, monitorNotes } from './monitor-entry.ts';
import type { Plan } from './plan.ts';
import { readProject } from './project.ts';
import { blockText, type Hand } from './edit/value-text.ts';

const HAND: Hand = { isJson: false, quote: "'", eol: '\n', step: '  ' };

/**
 * The plan of a first ecosystem file for the project in `dir`. Throws ERR_USAGE where there is nothing to
 * run.
 */
export async function planNew(dir: string, ask: AskForBlock = ASK_NOBODY): Promise<Plan> {
  const detected = detectApp(readProject(dir));
  if (detected === null) {
    throw usage(
      `init: ${dir} has no package.json with a 'dev' or 'start' script, nor a dev server that it knows; run it in the folder of your app`,
    );
  }
  const name = typeof detected['name'] === 'string' ? detected['name'] : 'web';
  const asked = detected['env_liveness'] === undefined ? await ask(detected, name, dir) : null;
  const block = asked === null ? null : asWritten(asked);
  const app = block === null ? detected : { ...detected, env_liveness: block };
  const monitor = monitorEntry(dir);
  const entries = [app, monitor].map((entry) => `    ${blockText(entry, '    ', HAND)},`);
  return {
    before: '',
    after: ['module.exports = {', '  apps: [', ...entries, '  ],', '};', ''].join('\n'),
    agents: agentsOf([app], dir),
    added: { blocks: { 0: app['env_liveness'] }, monitor },
    notes: [
      ...(app['env_liveness'] === undefined ? [howToAdd(name)] : []),
      ...(asked === null ? [] : [proposalNote(asked)]),
      ...notesOf(app['script']),
      ...monitorNotes(monitor),
    ],
  };
}

function notesOf(script: unknown): string[] {
  if (script !== 'npm') return [];
  return ['npm runs the app; if you can, write the program of the app itself as the script'];
}
