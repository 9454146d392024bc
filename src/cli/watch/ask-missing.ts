import { codeOf, messageOf } from '../../errors.ts';
import type { ManagedProcess } from '../../pm2/process.ts';
import { sanitizeLine } from '../../text/sanitize.ts';
import type { AskLine } from '../framework/ask.ts';
import type { CliIo } from '../framework/command.ts';
import { appArgument } from '../../text/shell-word.ts';
import { wrapText } from '../framework/table.ts';
import { planLines, type Plan } from './plan.ts';
import { typedProposal } from './typed-probe.ts';

/** A PM2 with its list, and where a person is asked. */
interface AskMissingDeps {
  readonly pm2Home: string;
  readonly processes: readonly ManagedProcess[];
  readonly io: CliIo;
  readonly ask: AskLine;
}

/** How often a person may type something that the app does not answer. */
const MOST_TRIES = 5;

/**
 * Asks where an app listens for which there is no proposal; what is typed is tried before it is taken. Where
 * nobody can be asked, it says what to type, and the plan stays as it is.
 */
export async function askMissing(plan: Plan, deps: AskMissingDeps): Promise<Plan> {
  const { io, ask } = deps;
  const { app } = plan;
  const name = sanitizeLine(app.name);
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    const question = `Type the port, URL or socket of ${name}, or Enter to leave it out: `;
    const word = await ask(question, io.signal);
    if (word === null) {
      io.out(
        `  to watch it, type: npx pm2-liveness watch ${sanitizeLine(appArgument(app.name))} <port, URL or socket>`,
      );
      return plan;
    }
    if (word === '') return plan;
    const proposal = await tried(word, app, deps);
    if (typeof proposal !== 'string') {
      const better: Plan = { app, state: 'proposed', proposal };
      for (const line of planLines(better, io)) io.out(line);
      return better;
    }
    for (const line of wrapText(sanitizeLine(proposal), io.columns)) io.err(line);
  }
  return plan;
}

/** The proposal for a typed word; a sentence where the app does not answer it, or it means nothing. */
async function tried(
  word: string,
  app: ManagedProcess,
  { pm2Home, processes, io }: AskMissingDeps,
): Promise<Plan['proposal'] | string> {
  try {
    const proposal = await typedProposal(word, app, { pm2Home, processes }, io.signal);
    const { block, found, warning } = proposal;
    return block === null ? [found, warning].filter((each) => each !== null).join('; ') : proposal;
  } catch (error) {
    if (codeOf(error) !== 'ERR_USAGE') throw error;
    return messageOf(error);
  }
}
