import type { AnyNode, Program } from 'acorn';
import { literalOf, type Literal } from './literal.ts';
import { nodesOf, parseFile, type Span } from './parse.ts';

/** Where the apps of an ecosystem file are written. */
export interface EcosystemShape {
  /** The list, or the one app instead of a list. */
  readonly apps: Literal;
  /** True for one app without a list around it. */
  readonly isSingle: boolean;
  /** Each app's literal, in order. */
  readonly entries: readonly Literal[];
  readonly comments: readonly Span[];
  /** The quotation mark that the file uses most. */
  readonly quote: "'" | '"';
  /** True where no other code in the file can change what it exports. */
  readonly isUntouched: boolean;
}

/** The shape of a file whose apps are all literals, or why it has none. Never throws. */
export function shapeOf(text: string, isJson: boolean): EcosystemShape | string {
  const parsed = parseFile(text, isJson);
  if (typeof parsed === 'string') return parsed;
  const { root, comments, commentEnds } = parsed;
  const nodes = nodesOf(root);
  const isModule = root.type === 'Program' && root.sourceType === 'module';
  const exported = isJson ? root : isModule ? exportedApps(root) : exportedBy(nodes);
  if (exported === null) {
    const want = isModule ? 'export const apps = [ … ]' : 'module.exports = { apps: [ … ] }';
    return `it is not written as \`${want}\``;
  }
  const toLiteral = (node: AnyNode | null): Literal | null => literalOf(node, text, commentEnds);
  const written = isModule ? exported : appsIn(exported, toLiteral);
  if (typeof written === 'string') return written;
  const apps = toLiteral(written);
  if (apps === null) return 'its apps are built by code';
  const isSingle = written?.type === 'ObjectExpression';
  const entries = isSingle
    ? [apps]
    : apps.members.map(({ value }) =>
        value?.type === 'ObjectExpression' ? toLiteral(value) : null,
      );
  const known = entries.filter((entry) => entry !== null);
  if (known.length < entries.length) return 'some of its apps are built by code';
  return {
    apps,
    isSingle,
    entries: known,
    comments,
    quote: quoteOf(nodes),
    isUntouched: isJson || (isModule ? isNamedOnce(nodes) : isUntouched(root, nodes)),
  };
}

/** The node of the apps, by PM2's rule: under `apps` or `pm2`, else the file itself. */
function appsIn(
  exported: AnyNode,
  toLiteral: (node: AnyNode) => Literal | null,
): AnyNode | null | string {
  if (exported.type === 'ArrayExpression') return exported;
  const members = toLiteral(exported)?.members ?? [];
  for (const name of ['apps', 'pm2']) {
    const [member, second] = members.filter(({ key }) => key === name);
    if (second !== undefined) return `it has no \`${name}: [ … ]\` of its own`;
    if (member !== undefined) return member.value;
  }
  const isApp = members.some(({ key }) => key !== null && PROGRAM.has(key));
  return isApp ? exported : 'it has no `apps: [ … ]` of its own';
}

/** The keys that make an object an app. */
const PROGRAM: ReadonlySet<string> = new Set(['script', 'cmd', 'command']);

/** The object or list behind the one `module.exports =`. */
function exportedBy(nodes: readonly AnyNode[]): AnyNode | null {
  const values = nodes.flatMap((node) => {
    const value = exportedIn(node);
    return value === null ? [] : [value];
  });
  const [value, other] = values;
  if (value === undefined || other !== undefined) return null;
  return value.type === 'ObjectExpression' || value.type === 'ArrayExpression' ? value : null;
}

/** The value of `export const apps = …`, or of a `const apps` that is exported apart; null where there is none. */
function exportedApps(root: Program): AnyNode | null {
  const isApart = root.body.some(
    (each) =>
      each.type === 'ExportNamedDeclaration' &&
      each.source == null &&
      each.specifiers.some(({ local, exported }) => isNamedApps(local) && isNamedApps(exported)),
  );
  const declared = root.body.flatMap((each) => {
    const isExported = each.type === 'ExportNamedDeclaration';
    const found = isExported ? each.declaration : isApart ? each : null;
    return found?.type === 'VariableDeclaration' && found.kind === 'const'
      ? found.declarations
      : [];
  });
  return declared.find(({ id }) => isNamedApps(id))?.init ?? null;
}

function isNamedApps(node: AnyNode): boolean {
  return node.type === 'Identifier' && node.name === 'apps';
}

/** True where nothing else in a module has the name of its apps, so that no code can change them. */
function isNamedOnce(nodes: readonly AnyNode[]): boolean {
  const inExports = nodes.filter((each) => each.type === 'ExportSpecifier').length * 2;
  return nodes.filter(isNamedApps).length <= 1 + inExports;
}

/** The value of `module.exports = …`; null for any other node. */
function exportedIn(node: AnyNode): AnyNode | null {
  if (node.type !== 'AssignmentExpression' || node.operator !== '=') return null;
  const { left, right } = node;
  if (left.type !== 'MemberExpression' || left.computed) return null;
  const { object, property } = left;
  const isModule = object.type === 'Identifier' && object.name === 'module';
  return isModule && property.type === 'Identifier' && property.name === 'exports' ? right : null;
}

/** True where the export is a top-level statement, and its object has no second name. */
function isUntouched(root: AnyNode, nodes: readonly AnyNode[]): boolean {
  const statements = root.type === 'Program' ? root.body : [];
  const isStatement = statements.some(
    (each) => each.type === 'ExpressionStatement' && exportedIn(each.expression) !== null,
  );
  const names = nodes.filter((each) => each.type === 'Identifier' && REACHES.has(each.name));
  return isStatement && names.length === 1;
}

/** Names with which code can reach the export. */
const REACHES: ReadonlySet<string> = new Set(['module', 'eval', 'Function']);

function quoteOf(nodes: readonly AnyNode[]): "'" | '"' {
  const strings = nodes.flatMap((node) =>
    node.type === 'Literal' && typeof node.value === 'string' ? [node.raw ?? ''] : [],
  );
  const double = strings.filter((text) => text.startsWith('"')).length;
  return double > strings.length / 2 ? '"' : "'";
}
