import { parse, parseExpressionAt, type AnyNode } from 'acorn';
import { nodesOf } from './parse.ts';

/** A longer file is not read. */
const MOST_CHARS = 1024 * 1024;

/** How deep an expression is followed; code that needs more is not plain. */
const DEEPEST = 8;

/**
 * The port on which the code of a server listens, with `env` as its environment: `listen(3000)`,
 * `listen(process.env.PORT || 3000)`, `Bun.serve({ port })` and the like. Null where it does not say so
 * plainly, or says two. The code is not run. Never throws.
 */
export function codePort(text: string, env: Readonly<Record<string, unknown>>): number | null {
  if (text.length > MOST_CHARS) return null;
  const nodes = parsed(text) ?? parsedCalls(text);
  const code = { env, values: valuesOf(nodes) };
  const calls = nodes.flatMap((node) => listenArguments(node) ?? []);
  const ports = new Set(calls.map((argument) => toPort(valueOf(argument, code, 0))));
  const [port = null] = ports;
  return ports.size === 1 ? port : null;
}

/** What is known while code is read: the environment, and the one value of each name that has only one. */
interface Code {
  readonly env: Readonly<Record<string, unknown>>;
  readonly values: ReadonlyMap<string, AnyNode | null>;
}

function parsed(text: string): readonly AnyNode[] | null {
  for (const sourceType of ['module', 'script'] as const) {
    try {
      const options = { ecmaVersion: 'latest', sourceType, allowHashBang: true } as const;
      return nodesOf(parse(text, { ...options, allowReturnOutsideFunction: true }));
    } catch {
      // Not of this kind; TypeScript that is no JavaScript is of none.
    }
  }
  return null;
}

/**
 * The calls of `listen` and `serve` in TypeScript, whose types the parser does not know; none where one of them
 * cannot be read. Names have no value here.
 */
function parsedCalls(text: string): readonly AnyNode[] {
  const plain = text.replaceAll(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm, '');
  try {
    return [...plain.matchAll(/\.(?:listen|serve)\(/g)].flatMap(({ index }) => {
      const [object = ''] = /[\w$]{1,50}$/.exec(plain.slice(Math.max(0, index - 50), index)) ?? [];
      return nodesOf(parseExpressionAt(plain, index - object.length, { ecmaVersion: 'latest' }));
    });
  } catch {
    return [];
  }
}

/** The first argument of `….listen(…)`, or the port of `Bun.serve({ port })` and `Deno.serve({ port })`. */
function listenArguments(node: AnyNode): AnyNode | null {
  if (node.type !== 'CallExpression' || node.callee.type !== 'MemberExpression') return null;
  const { object, property } = node.callee;
  const name = property.type === 'Identifier' ? property.name : '';
  const isRuntime = object.type === 'Identifier' && /^(?:Bun|Deno)$/.test(object.name);
  const isListen = name === 'listen' || (name === 'serve' && isRuntime);
  const [first] = node.arguments;
  return isListen && first !== undefined ? first : null;
}

/** Each name that is given a value once, as `const port = 3000`; null for one with several. */
function valuesOf(nodes: readonly AnyNode[]): ReadonlyMap<string, AnyNode | null> {
  const values = new Map<string, AnyNode | null>();
  const note = (name: string, value: AnyNode | null): void => {
    values.set(name, values.has(name) ? null : value);
  };
  for (const node of nodes) {
    if (node.type === 'AssignmentExpression' && node.left.type === 'Identifier') {
      note(node.left.name, null);
      note(node.left.name, null);
    }
    if (node.type !== 'VariableDeclarator') continue;
    if (node.id.type === 'Identifier') note(node.id.name, node.init ?? null);
  }
  return values;
}

/** The value of an expression: a number, a text, undefined; null where it is not plain. */
function valueOf(node: AnyNode, code: Code, depth: number): string | number | undefined | null {
  if (depth > DEEPEST) return null;
  const inner = (each: AnyNode): string | number | undefined | null =>
    valueOf(each, code, depth + 1);
  if (node.type === 'Literal') {
    return typeof node.value === 'number' || typeof node.value === 'string' ? node.value : null;
  }
  if (node.type === 'LogicalExpression') {
    const left = inner(node.left);
    if (left === null || node.operator === '&&') return null;
    const isLeft = node.operator === '||' ? Boolean(left) : left !== undefined;
    return isLeft ? left : inner(node.right);
  }
  if (node.type === 'Identifier') {
    const value = code.values.get(node.name);
    return value ? inner(value) : null;
  }
  if (node.type === 'UnaryExpression') return node.operator === '+' ? inner(node.argument) : null;
  if (node.type === 'CallExpression') {
    const isNumber =
      node.callee.type === 'Identifier' && /^(?:Number|parseInt|String)$/.test(node.callee.name);
    const [first] = node.arguments;
    return isNumber && first !== undefined ? inner(first) : null;
  }
  if (node.type === 'ObjectExpression') {
    const port = node.properties.find(
      (each) =>
        each.type === 'Property' && each.key.type === 'Identifier' && each.key.name === 'port',
    );
    return port?.type === 'Property' ? inner(port.value) : null;
  }
  return node.type === 'MemberExpression' ? variableOf(node, code.env) : null;
}

/** `process.env.PORT` and `process.env['PORT']`. */
function variableOf(
  node: Extract<AnyNode, { type: 'MemberExpression' }>,
  env: Code['env'],
): string | number | undefined | null {
  const { object, property, computed } = node;
  if (object.type !== 'MemberExpression' || object.object.type !== 'Identifier') return null;
  const isEnv = object.property.type === 'Identifier' && object.property.name === 'env';
  if (object.object.name !== 'process' || !isEnv) return null;
  const name =
    property.type === 'Identifier' && !computed
      ? property.name
      : property.type === 'Literal' && typeof property.value === 'string'
        ? property.value
        : null;
  if (name === null) return null;
  const value = env[name];
  return typeof value === 'string' || typeof value === 'number' ? value : undefined;
}

function toPort(value: string | number | undefined | null): number | null {
  const port = Number(value ?? Number.NaN);
  return Number.isInteger(port) && port >= 1 && port <= 65_535 ? port : null;
}
