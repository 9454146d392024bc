import { dirname } from 'node:path';
import { isRecord } from '../../config/bad-value.ts';
import { shapeOf, type EcosystemShape } from './edit/ecosystem-shape.ts';
import { kindOf, type FileKind } from './edit/file-kind.ts';
import { addToYaml } from './edit/yaml-edit.ts';
import { yamlElement, yamlMember } from './edit/yaml-text.ts';
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
  const kind = kindOf(file) ?? 'code';
  const isJson = kind === 'json';
  const { blocks, notes } = blocksFor(apps, dirname(file), proposals, kind);
  const monitor = apps.some(isMonitorEntry) ? null : monitorEntry(dirname(file));
  const allNotes = [...notes, ...(monitor === null ? [] : monitorNotes(monitor))];
  if (kind === 'yaml') {
    const edited = addToYaml(text, apps.length, { blocks, monitor });
    return 'reason' in edited
      ? { reason: edited.reason, lines: handLines(apps, { blocks, monitor }, kind) }
      : { before: text, after: edited.text, added: { blocks, monitor }, notes: allNotes };
  }
  const shape = shapeOf(text, isJson);
  const reason = typeof shape === 'string' ? shape : misfit(shape, apps);
  if (typeof shape === 'string' || reason !== null) {
    return { reason: reason ?? '', lines: handLines(apps, { blocks, monitor }, kind) };
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
    notes: allNotes,
  };
}

/** What a file lacks. */
interface Additions {
  /** By the index of the app. */
  readonly blocks: Readonly<Record<number, Block>>;
  readonly monitor: Block | null;
}

function blocksFor(
  apps: readonly unknown[],
  dir: string,
  proposals: ReadonlyMap<number, Proposal>,
  kind: FileKind,
): { blocks: Readonly<Record<number, Block>>; notes: readonly string[] } {
  const blocks: Record<number, Block> = {};
  const notes: string[] = [];
  for (const [at, app] of apps.entries()) {
    if (!isRecord(app) || isMonitorEntry(app) || app['env_liveness'] !== undefined) continue;
    const proposal = proposals.get(at);
    const block = proposal === undefined ? blockFor(app, dir) : asWritten(proposal);
    if (block !== null) blocks[at] = block;
    else if (proposal === undefined) notes.push(howToAdd(nameOf(app, at), kind));
    if (proposal !== undefined) {
      notes.push(proposalNote(proposal));
    }
  }
  return { blocks, notes };
}

/** What to do about an app whose port is not known; without a block it is not watched, and never restarted. */
export function howToAdd(name: string, kind: FileKind = 'code'): string {
  const hand = kind === 'json' ? JSON_HAND : HAND;
  const block = memberText('env_liveness', EXAMPLE, hand);
  return `${name}: its port is not known, so it gets no block. Run init with --port <port>; or start it and run init again, which then looks where it listens; or add: ${block}`;
}

const EXAMPLE: Block = { http: { url: 'http://localhost:<port>/', status: '100-599' } };

/** How a block was found, and what to know of it. */
export function proposalNote({ found, warning }: Proposal): string {
  return warning === null ? found : `${found}; ${warning}`;
}

/** The entries whose block nothing shows, by their index. */
export function unknownApps(
  apps: readonly unknown[],
  dir: string,
  proposals: ReadonlyMap<number, Proposal>,
): readonly {
  readonly at: number;
  readonly app: Readonly<Record<string, unknown>>;
  readonly name: string;
}[] {
  return apps.flatMap((app, at) => {
    if (!isRecord(app) || isMonitorEntry(app) || app['env_liveness'] !== undefined) return [];
    const isFound = proposals.has(at) || blockFor(app, dir) !== null;
    return isFound ? [] : [{ at, app, name: nameOf(app, at) }];
  });
}

/** A block as it is written: it has no value that JSON has not. */
export function asWritten({ block }: Proposal): Block | null {
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

/** The lines to add by hand, in the syntax of the file. */
function handLines(
  apps: readonly unknown[],
  { blocks, monitor }: Additions,
  kind: FileKind,
): readonly string[] {
  const hand = kind === 'json' ? JSON_HAND : HAND;
  const end = kind === 'json' ? '' : ',';
  const lines = Object.entries(blocks).flatMap(([at, block]) => {
    const name = nameOf(apps[Number(at)], Number(at));
    return kind === 'yaml'
      ? [`to ${name}:`, ...yamlMember('env_liveness', block, '    ')]
      : [`to ${name}:  ${memberText('env_liveness', block, hand)}${end}`];
  });
  if (monitor === null) return lines;
  return kind === 'yaml'
    ? [...lines, 'to the apps:', ...yamlElement(monitor, '  ')]
    : [...lines, `to the apps:  ${valueText(monitor, hand)}${end}`];
}

const HAND: Hand = { isJson: false, quote: "'", eol: '\n', step: '  ' };
const JSON_HAND: Hand = { ...HAND, isJson: true };

function nameOf(app: unknown, at: number): string {
  return isRecord(app) && typeof app['name'] === 'string' ? app['name'] : `app ${at + 1}`;
}
