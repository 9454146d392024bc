import { setImmediate } from 'node:timers/promises';
import { measureJudging } from '../measure-judging.ts';
import type { ProbeContext } from '../probe.ts';

/** Reads the specifiers of a module; throws where it cannot be parsed. */
type Lexer = (source: string) => readonly string[];

let loading: Promise<Lexer> | undefined;

/**
 * Begins to load the lexer, with the first `vite` probe, so that a monitor without one needs less memory. Not
 * with the first deep check: Node never tries again to load a module that it could not read, and by then
 * there may be no descriptors left.
 */
export function preloadLexer(): void {
  lexer().catch(() => undefined);
}

/** Rejects where it could not be loaded. */
function lexer(): Promise<Lexer> {
  loading ??= loadLexer();
  return loading;
}

async function loadLexer(): Promise<Lexer> {
  const { init, parse } = await import('es-module-lexer/minimal');
  await init();
  return (source) => {
    const [imports] = parse(source);
    // -1: a static import. Dynamic ones are loaded only when a page needs them.
    return imports.flatMap(({ n, d }) => (d === -1 && n !== undefined ? [n] : []));
  };
}

/**
 * The specifiers of a module's static imports; empty where it cannot be parsed. One module per turn of the
 * event loop, over all callers: half a megabyte of imports takes 60 ms.
 */
export function staticImportsOf(
  source: string,
  context: Pick<ProbeContext, 'now' | 'noteJudging'> = { now: () => 0 },
): Promise<readonly string[]> {
  const read = lastRead.then(() => setImmediate()).then(() => readImports(source, context));
  lastRead = read.catch(() => undefined);
  return read;
}

/** Resolves when the last requested module is parsed; never rejects. */
let lastRead: Promise<unknown> = Promise.resolve();

async function readImports(
  source: string,
  context: Pick<ProbeContext, 'now' | 'noteJudging'>,
): Promise<readonly string[]> {
  const lex = await lexer();
  try {
    return measureJudging(context, () => lex(source));
  } catch {
    return []; // cut at our cap, or broken in a way that Vite did not see: not judged
  }
}
