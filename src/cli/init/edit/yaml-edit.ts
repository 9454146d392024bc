import { applyInsertions, type Insertion } from './insertion.ts';
import type { Value } from './value-text.ts';
import { yamlElement, yamlMember } from './yaml-text.ts';

/** What is added to the apps of a file. */
interface YamlAddition {
  /** By the index of the app. */
  readonly blocks: Readonly<Record<number, Readonly<Record<string, Value>>>>;
  readonly monitor: Readonly<Record<string, Value>> | null;
}

/** One app: the indent of its keys, and the line after its last one. */
interface Element {
  readonly keyIndent: string;
  readonly end: number;
}

/**
 * The text of a YAML file with the additions, each as lines of its own below the app's last line; or why it cannot
 * be edited. Only files with a line for each app are: `- name: web`. What it makes must be loaded and compared
 * before it is written, because no line of YAML shows alone what it is. Never throws.
 */
export function addToYaml(
  text: string,
  count: number,
  { blocks, monitor }: YamlAddition,
): { readonly text: string } | { readonly reason: string } {
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  const lines = text.split(/\r?\n/);
  const elements = elementsOf(lines);
  if (elements === null)
    return { reason: 'its apps are not written as a list with a line for each' };
  if (elements.list.length !== count) return { reason: 'its apps are not all written in its list' };
  const { list, indent } = elements;
  const added: Insertion[] = Object.entries(blocks).flatMap(([at, block]) => {
    const element = list[Number(at)];
    if (element === undefined) return [];
    return below(element.end, yamlMember('env_liveness', block, element.keyIndent));
  });
  const last = list.at(-1);
  if (monitor !== null && last !== undefined)
    added.push(...below(last.end, yamlElement(monitor, indent)));
  return { text: applyInsertions(text, added) };

  function below(line: number, more: readonly string[]): readonly Insertion[] {
    const at = lines.slice(0, line).reduce((sum, each) => sum + each.length + eol.length, 0);
    // The last line may have no end.
    const isOpen = at > text.length;
    const joined = more.join(eol);
    return [isOpen ? { at: text.length, text: eol + joined } : { at, text: joined + eol }];
  }
}

/** The elements of the list under `apps` or `pm2`, or of the file itself; null where there is no such list. */
function elementsOf(
  lines: readonly string[],
): { readonly list: readonly Element[]; readonly indent: string } | null {
  const key = lines.findIndex((line) => /^(?:apps|pm2)[ \t]*:[ \t]*(?:#.*)?$/.test(line));
  const from = key + 1;
  const first = lines.findIndex((line, at) => at >= from && isContent(line));
  const indent = /^( *)-(?: |$)/.exec(lines[first] ?? '')?.[1];
  if (indent === undefined || (key < 0 && indent !== '')) return null;
  const isEnd = (line: string): boolean =>
    isContent(line) && !line.startsWith(`${indent} `) && !isElement(line, indent);
  const found = lines.findIndex((line, at) => at >= first && isEnd(line));
  const end = found < 0 ? lines.length : found;
  const starts = lines.flatMap((line, at) =>
    at >= first && at < end && isElement(line, indent) ? [at] : [],
  );
  const list = starts.map((start, nth) => elementIn(lines, start, starts[nth + 1] ?? end));
  const known = list.filter((each) => each !== null);
  return known.length === list.length ? { list: known, indent } : null;
}

/** The element in these lines; null where it is not a mapping with a line for each key. */
function elementIn(lines: readonly string[], start: number, next: number): Element | null {
  const body = lines.slice(start, next);
  const last = body.findLastIndex(isContent);
  // Where the dash stands alone, the keys are on the next line.
  const opened = (body[0] ?? '').replace('-', ' ');
  const line = isContent(opened) ? opened : (body.slice(1).find(isContent) ?? '');
  const keyIndent = /^( *)(?:[A-Za-z_][\w.-]*|"[^"]*"|'[^']*'|<<)[ \t]*:(?: |$)/.exec(line)?.[1];
  return keyIndent === undefined ? null : { keyIndent, end: start + last + 1 };
}

function isElement(line: string, indent: string): boolean {
  return line === `${indent}-` || line.startsWith(`${indent}- `);
}

/** True for a line with more than white space, a comment or a document's mark. */
function isContent(line: string): boolean {
  return !/^\s*(?:#.*)?$|^(?:---|\.\.\.|%)/.test(line);
}
