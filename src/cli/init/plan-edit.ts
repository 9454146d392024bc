import { dirname } from 'node:path';
import { isRecord } from '../../config/bad-value.ts';
import { shapeOf, type EcosystemShape } from './edit/ecosystem-shape.ts';
import type { Proposal } from '../proposal/proposal.ts';
import { blockFor, isMonitorEntry, type Block } from './existing-app.ts';
import { appendMember, indentOf, applyInsertions, type Insertion } from './edit/insertion.ts';
import type { Literal } from './edit/literal.ts';
import { monitorEntry, monitorNotes } from './monitor-entry.ts';
import type { ByHand, Plan } from './plan.ts';
import { blockText, memberText, valueText, type Hand } from './edit/value-text.ts';

/**
 * The plan that adds what is missing in a file whose apps are `apps`; or what to add by hand, where the file
 * cannot be edited.
 */
export function planEdit(
  file: string,
  text: string,
  apps: readonly unknown[],
  proposals: ReadonlyMap<number, Proposal> = new Map(),
): Plan | ByHand {
  const isJson = file.endsWith('.json');
  const { blocks, notes } = blocksFor(apps, dirname(file), proposals);
  const monitor = apps.some(isMonitorEntry) ? null : monitorEntry(dirname(file));
  const shape = shapeOf(text, isJson);
  const reason = typeof shape === 'string' ? shape : misfit(shape, apps);
  if (typeof shape === 'string' || reason !== null) {
    return { reason: reason ?? '', lines: handLines(apps, blocks, monitor) };
  }
  const hand = handOf(text, shape, isJson);
  const insertions = [
    ...Object.entries(blocks).flatMap(([at, block]) =>
      blockInsertions(text, shape, Number(at), block, hand),
    ),
    ...(monitor === null ? [] : monitorInsertions(text, shape, monitor, hand)),
  ];
  return {
    before: text,
    after: applyInsertions(text, insertions),
    added: { blocks, monitor },
    notes: [...notes, ...(monitor === null ? [] : monitorNotes(monitor))],
  };
}

function blocksFor(
  apps: readonly unknown[],
  dir: string,
  proposals: ReadonlyMap<number, Proposal>,
): { blocks: Readonly<Record<number, Block>>; notes: readonly string[] } {
  const blocks: Record<number, Block> = {};
  const notes: string[] = [];
  for (const [at, app] of apps.entries()) {
    if (!isRecord(app) || isMonitorEntry(app) || app['env_liveness'] !== undefined) continue;
    const proposal = proposals.get(at);
    const block = proposal === undefined ? blockFor(app, dir) : asWritten(proposal);
    if (block !== null) blocks[at] = block;
    else if (proposal === undefined) notes.push(howToAdd(nameOf(app, at)));
    if (proposal !== undefined) {
      notes.push([proposal.found, proposal.warning].filter((each) => each !== null).join('; '));
    }
  }
  return { blocks, notes };
}

/** What to do about an app whose port is not known; without a block it is not watched, and never restarted. */
export function howToAdd(name: string): string {
  return `${name}: its port is not known, so it gets no block. Start it and run init again, which then looks where it listens; or add: env_liveness: { http: { url: 'http://localhost:<port>/', status: '100-599' } }`;
}

/** A block as it is written: it has no value that JSON has not. */
function asWritten({ block }: Proposal): Block | null {
  return block === null ? null : (JSON.parse(JSON.stringify(block)) as Block); // of the same shape
}

/** Why the text does not match the loaded apps; null where it does. */
function misfit({ entries }: EcosystemShape, apps: readonly unknown[]): string | null {
  return entries.length === apps.length ? null : 'its apps are changed by code';
}

function handOf(text: string, { apps, entries, quote }: EcosystemShape, isJson: boolean): Hand {
  const outer = entries[0] && indentOf(text, entries[0].open.start);
  const inner = entries[0]?.members[0] && indentOf(text, entries[0].members[0].start);
  const step = inner && outer !== undefined && outer !== null ? inner.slice(outer.length) : '';
  return {
    isJson,
    quote: apps.members.length > 0 ? quote : "'",
    eol: text.includes('\r\n') ? '\r\n' : '\n',
    step: step === '' ? '  ' : step,
  };
}

function blockInsertions(
  text: string,
  { entries, comments }: EcosystemShape,
  at: number,
  block: Block,
  hand: Hand,
): readonly Insertion[] {
  const entry: Literal | undefined = entries[at];
  if (entry === undefined) return [];
  return appendMember(text, entry, comments, () => memberText('env_liveness', block, hand));
}

function monitorInsertions(
  text: string,
  { apps, isSingle, comments }: EcosystemShape,
  monitor: Block,
  hand: Hand,
): readonly Insertion[] {
  if (isSingle) {
    return [
      { at: apps.open.start, text: '[' },
      { at: apps.close.end, text: `, ${valueText(monitor, hand)}]` },
    ];
  }
  return appendMember(text, apps, comments, (indent) =>
    indent === null ? valueText(monitor, hand) : blockText(monitor, indent, hand),
  );
}

/** The lines to add by hand. */
function handLines(
  apps: readonly unknown[],
  blocks: Readonly<Record<number, Block>>,
  monitor: Block | null,
): readonly string[] {
  const hand: Hand = { isJson: false, quote: "'", eol: '\n', step: '  ' };
  return [
    ...Object.entries(blocks).map(
      ([at, block]) =>
        `to ${nameOf(apps[Number(at)], Number(at))}:  ${memberText('env_liveness', block, hand)},`,
    ),
    ...(monitor === null ? [] : [`to the apps:  ${valueText(monitor, hand)},`]),
  ];
}

function nameOf(app: unknown, at: number): string {
  return isRecord(app) && typeof app['name'] === 'string' ? app['name'] : `app ${at + 1}`;
}
