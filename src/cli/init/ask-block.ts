import { readBlock } from '../../config/target-config.ts';
import { readJson } from '../../text/read-json.ts';
import { sanitizeLine } from '../../text/sanitize.ts';
import type { AskLine } from '../framework/ask.ts';
import { usage } from '../framework/parse-arguments.ts';
import type { CliIo } from '../framework/command.ts';
import { wrapText } from '../framework/table.ts';
import type { LivenessBlock } from '../../config/block.ts';
import type { Proposal } from '../proposal/proposal.ts';
import { readingsOf, TYPED_WANT } from '../proposal/typed-word.ts';
import { trialCommand } from './trial/trial-command.ts';

/** Asks a person for the block of an entry whose port nothing shows; null to go on without one. */
export type AskForBlock = (
  app: Readonly<Record<string, unknown>>,
  name: string,
  dir: string,
) => Promise<Proposal | null>;

/** Nobody can be asked. */
export const ASK_NOBODY: AskForBlock = async () => null;

/** The answer of `--port` for the one app whose port nothing shows. Throws ERR_USAGE for a second one. */
export function answerOf(port: string): AskForBlock & { readonly isUsed: () => boolean } {
  let asked: string | null = null;
  const answer: AskForBlock = async (_app, name) => {
    if (asked !== null) {
      throw usage(
        `init: --port is for one app, and nothing shows the ports of ${asked} and ${name}; start them and run init again, or write their blocks`,
      );
    }
    asked = name;
    const typed = typedProposal(port, name);
    if (typeof typed === 'string') throw usage(`init: --port: ${typed}`);
    return typed;
  };
  return Object.assign(answer, { isUsed: () => asked !== null });
}

/** How often a person may type something that means nothing. */
const MOST_TRIES = 5;

/**
 * Asks on the terminal. Starts the app once only where the person says so, and stops it again; where there is no
 * terminal nothing is started, and the answer is null.
 */
export function askForBlockOn(io: CliIo, ask: AskLine): AskForBlock {
  const say = (text: string): void => {
    for (const line of wrapText(sanitizeLine(text), io.columns)) io.out(line);
  };
  return async (app, name, dir) => {
    const command = trialCommand(app, dir);
    const start = command === null ? '' : ', s to start it once now and look (it is stopped again)';
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      const question = `${sanitizeLine(name)}: nothing shows where it will listen. Type its port, URL or socket${start}, or Enter for no block: `;
      const answer = await ask(question, io.signal);
      if (answer === null || answer === '') return null;
      if (command !== null && /^s(?:tart)?$/i.test(answer)) {
        say(`Starting ${name} without PM2: ${[command.file, ...command.args].join(' ')}`);
        const { trialStart } = await import('./trial/trial-start.ts');
        const proposal = await trialStart(name, command, io.signal);
        say(`${name} is stopped again.`);
        if (proposal.block !== null) return proposal;
        io.err(sanitizeLine(proposal.found));
        continue;
      }
      const typed = typedProposal(answer, name);
      if (typeof typed !== 'string') return typed;
      io.err(sanitizeLine(typed));
    }
    return null;
  };
}

/** The block that a word means for an app that does not run; a string says what is wrong with it. */
function typedProposal(word: string, name: string): Proposal | string {
  const [block] = readingsOf(word, 'localhost');
  const json = typeof block === 'string' ? readJson(block) : null;
  const value = json === null ? block : json.ok ? json.value : undefined;
  if (value === undefined) return `got '${word}'; ${TYPED_WANT}`;
  const read = readBlock(value, {});
  if (!read.ok) return read.problems.map(({ message }) => message).join('; ');
  const found = `${name}: the block is as you typed it, and was not tried, because the app does not run`;
  return { block: value as LivenessBlock, found, warning: null }; // it was read above
}
