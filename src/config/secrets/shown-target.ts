import type { ProbeOptions } from '../../probe/probe.ts';
import type { Piece } from '../interpolate.ts';
import { atSocket } from '../../text/socket-path.ts';
import { HIDDEN } from './secrets.ts';

/** A piece, or the shown form of the rest of one. */
interface Part extends Piece {
  readonly isRest?: boolean;
}

/** The written name of a parameter; a text of another form may itself be a token. */
const PARAMETER = /^[A-Za-z_][\w.-]{0,30}$/;

/** The index where a URL's path begins: the host is shown as it is, a path may not be. */
export function pathStart(url: string): number {
  return /^[a-z][a-z0-9+.-]*:[/\\]*[^/\\?#]*/i.exec(url)?.[0].length ?? 0;
}

/** A URL without its query, which may have a token or a login. */
export function hideQuery(url: string): string {
  return url.replace(/([?#]).*$/s, `$1${HIDDEN}`);
}

/**
 * The shown form of a program: only its first word, because a whole command in one word may have a password.
 */
export function programText(file: string): string {
  return file.replace(/\s.*$/s, HIDDEN);
}

/**
 * The target of a probe in a form that is safe to show: host and port as they are, variables in a path, a
 * query or a program's name by their names. `pieces` are those of the URL or the program.
 */
export function shownTargetOf(probe: ProbeOptions, pieces: readonly Piece[]): string | undefined {
  switch (probe.type) {
    case 'http':
    case 'vite':
    case 'websocket':
      return atSocket(urlText(probe.url, pieces), probe);
    case 'exec':
      return pieces.map(nameOf(programText)).join('');
    case 'tcp':
    case 'heartbeat':
      return undefined;
  }
}

function urlText(href: string, pieces: readonly Piece[]): string {
  const { protocol, host, pathname } = new URL(href);
  const tail = after(pathStart(pieces.map(({ text }) => text).join('')), pieces);
  const text = tail.map((piece) => piece.text).join('');
  const mark = text.indexOf('?');
  const path = mark < 0 ? tail : before(mark, tail);
  const query = mark < 0 ? [] : after(mark + 1, tail);
  const isPlain = path.every(({ name, isRest }) => name === undefined && !isRest);
  const shown = isPlain ? pathname : path.map(nameOf((part) => part)).join('');
  const isRooted = shown.startsWith('/') || path[0]?.text.startsWith('/');
  return `${protocol}//${host}${isRooted ? '' : '/'}${shown}${mark < 0 ? '' : `?${queryText(query)}`}`;
}

/** `token=${TOKEN}&…`: shows a parameter whose value is one variable, and hides all others. */
function queryText(pieces: readonly Piece[]): string {
  // Each name stands for any value, so it is not searched for parts.
  const text = pieces.map(({ text: part, name }) =>
    name === undefined ? part : `\uE000${name}\uE000`,
  );
  const parts = text
    .join('')
    .split('&')
    .map((part) => {
      const [, parameter = '', name = ''] = /^([^=]*)=\uE000(\w+)\uE000$/.exec(part) ?? [];
      return PARAMETER.test(parameter) ? `${parameter}=\${${name}}` : HIDDEN;
    });
  return parts.filter((part, index) => part !== HIDDEN || parts[index - 1] !== HIDDEN).join('&');
}

function nameOf(showText: (text: string) => string): (piece: Piece) => string {
  return ({ name, text }) => (name === undefined ? showText(text) : `\${${name}}`);
}

/** The pieces from `index` on; the rest of a variable that begins before it has no name. */
function after(index: number, pieces: readonly Part[]): Part[] {
  let at = 0;
  return pieces.flatMap((piece) => {
    const from = Math.max(0, index - at);
    at += piece.text.length;
    const text = piece.text.slice(from);
    if (text === '') return [];
    if (from === 0 || piece.name === undefined) return [{ ...piece, text }];
    if (text === '/') return [{ text }];
    return [{ text: `/${HIDDEN}${text.includes('?') ? `?${HIDDEN}` : ''}`, isRest: true }];
  });
}

function before(index: number, pieces: readonly Part[]): Part[] {
  let at = 0;
  return pieces.flatMap((piece) => {
    const room = index - at;
    at += piece.text.length;
    return room <= 0 ? [] : [{ ...piece, text: piece.text.slice(0, room) }];
  });
}
