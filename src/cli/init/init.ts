import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { codeOf, messageOf } from '../../errors.ts';
import { sanitizeLine } from '../../text/sanitize.ts';
import { shellWord } from '../../text/shell-word.ts';
import { askOnTerminal, isYes } from '../framework/ask.ts';
import type { CliCommand, CliIo, ExitCode, ParsedArguments } from '../framework/command.ts';
import { unifiedDiff } from './edit/diff.ts';
import { answerOf, ASK_NOBODY, askForBlockOn, type AskForBlock } from './ask-block.ts';
import { findFile } from './find-file.ts';
import { agentsOf } from './agents-of.ts';
import { loadApps } from './load-config.ts';
import { NOTHING_RUNS, proposalsFor, type RunningApps } from './running-apps.ts';
import type { ByHand, Plan } from './plan.ts';
import { readEcosystemFile } from './read-file.ts';
import { refuseSecondWay } from './second-way.ts';
import { draftOf, type Draft } from './write.ts';

/** Asks a question on the terminal; null where there is no terminal. */
export type Ask = (question: string, signal: AbortSignal) => Promise<boolean | null>;

export const init: CliCommand = {
  name: 'init',
  summary: 'complete the ecosystem file of this folder, or write a first one',
  arguments: [{ name: 'ecosystem file', isRequired: false, completes: 'file' }],
  options: {
    yes: { type: 'boolean', short: 'y', summary: 'write without asking' },
    port: {
      type: 'string',
      value: '<port>',
      summary: 'where the app will listen, if nothing shows it; also a URL or a socket',
    },
  },
  examples: [
    ['init', 'shows what it would write, and asks'],
    ['init --yes', 'the same in a script'],
    ['init --port 4000 --yes', 'in a script, for an app whose code does not show its port'],
  ],
  async run(given, io) {
    const { readRunningApps } = await import('./read-running.ts');
    const port = given.valueOf('port');
    const typed = port === undefined ? null : answerOf(port);
    const asking = typed ?? (given.has('yes') ? ASK_NOBODY : askForBlockOn(io, askOnTerminal));
    const code = await runInit(process.cwd(), given, io, askYes, await readRunningApps(), asking);
    if (typed?.isUsed() === false) {
      io.err('--port is not used: the port of each app without a block is known.');
    }
    return code;
  },
};

/** Runs `init` in a folder. Writes only what was shown, agreed to and loads without error. */
export async function runInit(
  dir: string,
  given: ParsedArguments,
  io: CliIo,
  ask: Ask,
  running: RunningApps = NOTHING_RUNS,
  askForBlock: AskForBlock = ASK_NOBODY,
): Promise<ExitCode> {
  const file = findFile(dir, given.words[0]);
  // The name of a folder may have control characters.
  const name = sanitizeLine(relative(dir, file));
  const text = await readEcosystemFile(file, name);
  const refusal = text === null ? await refuseSecondWay(dir, running, io) : null;
  if (refusal !== null) return refusal;
  const plan =
    text === null
      ? await newPlan(dir, askForBlock)
      : await editOf(file, text, { at: placeOf(file, dir, running), running, ask: askForBlock });
  if ('reason' in plan) return leave(name, plan, io);
  for (const note of plan.notes) io.err(sanitizeLine(note));
  if (plan.before === plan.after) {
    io.out(`${name} is complete already.`);
    return plan.notes.length > 0 ? 1 : 0;
  }
  let draft: Draft;
  try {
    draft = await draftOf(file, plan);
  } catch (error) {
    if (codeOf(error) !== 'ERR_CONFIG') throw error;
    return leave(name, { reason: messageOf(error), lines: additionsOf(plan) }, io);
  }
  try {
    return await offer(name, plan, draft, given, io, ask);
  } finally {
    await draft.leave();
  }
}

/** What an edit needs. */
interface EditDeps {
  /** The file as if it were in the folder at which the paths of its apps begin. */
  readonly at: string;
  readonly running: RunningApps;
  readonly ask: AskForBlock;
}

/** PM2 begins relative paths at the folder in which it is typed, and not at that of the file. */
function placeOf(file: string, dir: string, { processes }: RunningApps): string {
  const isThere = processes.some(({ cwd }) => resolve(cwd) === dirname(file));
  return isThere ? file : join(dir, basename(file));
}

async function newPlan(dir: string, ask: AskForBlock): Promise<Plan> {
  // Loaded only here, so that no other command waits for the parser.
  const { planNew } = await import('./plan-new.ts');
  return planNew(dir, ask);
}

async function editOf(
  file: string,
  text: string,
  { at: place, running, ask }: EditDeps,
): Promise<Plan | ByHand> {
  // Loaded only here, so that no other command waits for the parser.
  const { planEdit, unknownApps } = await import('./plan-edit.ts');
  try {
    const apps = await loadApps(file);
    const proposals = new Map(await proposalsFor(apps, place, running));
    // One after the other: a terminal has one line to type on.
    for (const { at, app, name } of unknownApps(apps, dirname(place), proposals)) {
      const proposal = await ask(app, name, dirname(place));
      if (proposal !== null) proposals.set(at, proposal);
    }
    const plan = planEdit(place, text, apps, proposals);
    return 'reason' in plan ? plan : { ...plan, agents: agentsOf(apps, dirname(place)) };
  } catch (error) {
    if (codeOf(error) !== 'ERR_CONFIG') throw error;
    return { reason: whyNotLoaded(file, messageOf(error)), lines: [] };
  }
}

/** Node takes a `.js` for an ES module where package.json says so, and then PM2 cannot load it either. */
function whyNotLoaded(file: string, said: string): string {
  if (said.startsWith('PM2 ')) return said;
  if (!file.endsWith('.js') || !isModuleFolder(dirname(file)))
    return `it cannot be loaded: ${said}`;
  const [from, to] = [basename(file), basename(file).replace(/\.js$/, '.cjs')].map(shellWord);
  return `PM2 cannot load it, because package.json has "type": "module". Rename it (mv ${from} ${to}), then run init again`;
}

/** True where the package.json that Node finds for the folder says `"type": "module"`. */
function isModuleFolder(dir: string): boolean {
  for (let folder = dir; ; folder = dirname(folder)) {
    const manifest = join(folder, 'package.json');
    if (existsSync(manifest)) return /"type"\s*:\s*"module"/.test(readFileSync(manifest, 'utf8'));
    if (dirname(folder) === folder) return false;
  }
}

function leave(name: string, { reason, lines }: ByHand, io: CliIo): 1 {
  io.err(`${name} is not changed: ${reason}.`);
  io.err(lines.length > 0 ? 'Add by hand:' : 'What to add: "Switch it on" in the README.');
  for (const line of lines) io.err(`  ${sanitizeLine(line)}`);
  return 1;
}

function additionsOf({ before, after }: Plan): readonly string[] {
  return unifiedDiff('', before, after)
    .slice(2)
    .filter((line) => line.startsWith('+'))
    .map((line) => line.slice(1));
}

/** Shows the change, asks, and writes it. */
async function offer(
  name: string,
  { before, after, agents = [] }: Plan,
  draft: Draft,
  given: ParsedArguments,
  io: CliIo,
  ask: Ask,
): Promise<ExitCode> {
  const { good, bad, dim } = io.style;
  for (const line of unifiedDiff(name, before, after)) {
    const paint = line.startsWith('+') ? good : line.startsWith('-') ? bad : dim;
    io.out(paint(line));
  }
  const answer = given.has('yes') || (await ask(`Write ${name}? [y/N] `, io.signal));
  if (answer !== true) {
    io.err(
      answer === null
        ? 'Nothing is written: there is no terminal to ask on; add --yes.'
        : 'Nothing is written.',
    );
    return 1;
  }
  await draft.take();
  io.out('');
  io.out(`${name} is written. Now type:`);
  io.out(`  npx pm2 start ${shellWord(name)}`);
  io.out('  npx pm2-liveness status');
  for (const line of agentHint(agents)) io.out(line);
  if (!after.includes('LIVENESS_HTTP')) for (const line of PAGE_HINT) io.out(line);
  return 0;
}

/** Proposed, not written: it adds a thread to the app. */
function agentHint([first, ...others]: NonNullable<Plan['agents']>): readonly string[] {
  if (first === undefined) return [];
  const [name, line] = first.map((text) => sanitizeLine(text));
  const also = others.length > 0 ? ` (and ${others.length} more)` : '';
  return [`To see what ${name}${also} does when it hangs, give it this line:`, `  ${line}`];
}

/** Proposed, not written: a port that somebody else has would be the first thing that the new monitor complains of. */
const PAGE_HINT: readonly string[] = [
  'For a status page on this machine, give pm2-liveness this line and open http://127.0.0.1:9616/:',
  "  env: { LIVENESS_HTTP: '9616' },",
];

async function askYes(question: string, signal: AbortSignal): Promise<boolean | null> {
  const answer = await askOnTerminal(question, signal);
  return answer === null ? null : isYes(answer);
}
