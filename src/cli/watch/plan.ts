import { readBlock } from '../../config/target-config.ts';
import { isRecord } from '../../config/bad-value.ts';
import { shownTarget } from '../../report/status.ts';
import type { ManagedProcess } from '../../pm2/process.ts';
import { sanitizeLine } from '../../text/sanitize.ts';
import type { CliIo } from '../framework/command.ts';
import { wrapText } from '../framework/table.ts';
import { agentLine } from '../proposal/agent-line.ts';
import { ANY_STATUS } from '../proposal/block-for.ts';
import type { Proposal } from '../proposal/proposal.ts';

/** What `watch` found for one app. */
export interface Plan {
  readonly app: ManagedProcess;
  /** `watched`: it has a block already, and nothing is to be done. */
  readonly state: 'proposed' | 'none' | 'watched';
  readonly proposal: Omit<Proposal, 'block'> & { readonly block: unknown };
}

/** The app with what is proposed, how that was found, and what to know of it. */
export function planLines({ app, state, proposal }: Plan, io: CliIo): string[] {
  const { found, warning } = proposal;
  const { bold, dim, warn } = io.style;
  const agent = state === 'proposed' ? agentLine({ ...app.env, cwd: app.cwd }, app.cwd) : null;
  const text = state === 'proposed' ? blockText(app, proposal.block) : NO_BLOCK[state];
  const below = (line: string): string[] =>
    wrapText(sanitizeLine(line), io.columns - 2).map((each) => `  ${each}`);
  const name = sanitizeLine(app.name);
  const [first = '', ...rest] = wrapText(`${name}: ${sanitizeLine(text)}`, io.columns);
  const head = first.startsWith(name) ? bold(name) + first.slice(name.length) : first;
  return [
    head,
    ...rest.map((each) => `  ${each}`),
    ...below(found).map(dim),
    ...(warning === null ? [] : below(`note: ${warning}`).map(warn)),
    ...(agent === null ? [] : below(`to see what it does when it hangs: ${agent}`).map(dim)),
  ];
}

const NO_BLOCK = { none: 'nothing to propose', watched: 'watched already' } as const;

/** A block in one line: `http http://127.0.0.1:3000/, any status is alive; timeout 10s`. */
export function blockText({ env }: ManagedProcess, block: unknown): string {
  const read = readBlock(block, env);
  if (!read.ok || !isRecord(block)) return 'its block';
  const { config } = read;
  const { type } = config.probe;
  const own = block[type];
  const isAny = isRecord(own) && own['status'] === ANY_STATUS;
  const others = Object.entries(block)
    .filter(([key]) => key !== type)
    .map(([key, value]) => `; ${key} ${typeof value === 'string' ? value : JSON.stringify(value)}`);
  const target = `${type} ${shownTarget(config)}`;
  return `${target}${isAny ? ', any status is alive' : ''}${others.join('')}`;
}
