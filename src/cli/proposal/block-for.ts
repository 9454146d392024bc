import { basename } from 'node:path';
import type { LivenessBlock } from '../../config/block.ts';
import { durationText } from '../../text/duration-text.ts';
import { hostOf, SLOW_MS, type WebAnswer } from './ask-port.ts';
import { isWeb, type Choice } from './choose-port.ts';
import { placeText } from './own-ports.ts';
import type { Proposal } from './proposal.ts';

/** Any answer is alive: what an app says is its own business, that it says anything is ours. */
export const ANY_STATUS = '100-599';

/** The same for redirects that lead to no page: they are not followed. */
const NOT_FOLLOWED = ['100-299', '300-399', '400-599'];

/** What a person must know of a tcp probe. */
export const TCP_WARNING =
  'tcp sees only that the port accepts connections: a hung app still passes';

/** For an answer that takes longer than `SLOW_MS`: the default of 2 s leaves too little. */
const MORE_TIME = { timeout: '10s' } as const;

/** From here on systems give out ports that a program did not ask for (Linux; others start higher). */
const FIRST_RANDOM_PORT = 32_768;

/** The block for the chosen port, written as `text` (a number, or `${PORT}`). */
export function blockFor(name: string, choice: Choice, text: string): Proposal {
  const { port, framework, others } = choice;
  const { answer, socket } = port;
  const at = `${hostOf(port)}:${text}`;
  const also = others.length > 0 ? `; it listens on ${others.join(', ')} too` : '';
  const found = `${name} listens on ${placeText(port)} ${saidOf(choice)}${also}`;
  const isRandom = port.port >= FIRST_RANDOM_PORT && !text.startsWith('$');
  const doubts = [
    ...(isWeb(answer) && !answer.isTrusted ? [UNCHECKED] : []),
    ...(isRandom ? [randomPort(port.port)] : []),
    ...(socket !== undefined && RANDOM_NAME.test(basename(socket)) ? [randomPath(socket)] : []),
  ];
  if (!isWeb(answer) && framework === null) {
    const warning = [TCP_WARNING, ...doubts].join('; ');
    return { block: { tcp: socket ?? at }, found, warning };
  }
  const block = isWeb(answer)
    ? webBlock(answer, at, choice)
    : (framework?.block(`http://${at}/`) ?? { tcp: at });
  return { block, found, warning: doubts.length > 0 ? doubts.join('; ') : null };
}

const UNCHECKED = 'its certificate is not trusted here, so the block does not check it';

function randomPort(port: number): string {
  return `port ${port} looks like one that the system chose: if the app gets another one at its next start, give it a fixed one`;
}

/** A file name in which a program has put a number or random letters. */
const RANDOM_NAME = /\d{4,}|[0-9a-f]{8,}/i;

function randomPath(path: string): string {
  return `the path ${path} looks like one that changes: if the app has another one at its next start, give it a fixed one`;
}

function webBlock(
  answer: WebAnswer,
  at: string,
  { framework, times, port: { socket } }: Choice,
): LivenessBlock {
  const { kind, path, isSecure, isTrusted, isLoop, method, tookMs } = answer;
  const host = socket === undefined ? at : 'localhost';
  const url = `${isSecure ? 'https' : 'http'}://${host}${path}`;
  const tls = isTrusted ? {} : { rejectUnauthorized: false };
  const known = socket === undefined ? framework?.block(url) : undefined;
  if (kind === 'vite' && !isBetterAsHttp(framework))
    return { vite: isTrusted ? url : { url, ...tls } };
  const isKnown = known !== undefined && 'http' in known && isTrusted && !isLoop;
  if (isKnown && method === 'GET') return known;
  return {
    http: {
      ...(socket !== undefined && { socket }),
      url,
      status: isLoop ? NOT_FOLLOWED : ANY_STATUS,
      ...(method === 'HEAD' && { method }),
      ...tls,
    },
    ...(tookMs >= SLOW_MS && MORE_TIME),
    ...times,
  };
}

/** True for a framework that answers Vite's ping, and whose pages are better asked. */
function isBetterAsHttp(framework: Choice['framework']): boolean {
  return framework !== null && !('vite' in framework.block('http://localhost/'));
}

function saidOf({ port: { answer }, framework }: Choice): string {
  if (!isWeb(answer)) {
    return framework === null
      ? 'and speaks no HTTP'
      : `and does not answer yet, so this is what ${framework.command} gets`;
  }
  const { kind, isSecure, status, tookMs } = answer;
  const slow = tookMs >= SLOW_MS ? ` after ${durationText(tookMs)}` : '';
  if (kind === 'vite' && !isBetterAsHttp(framework)) return `and is a Vite dev server${slow}`;
  const said = status === null ? "Vite's ping" : `${isSecure ? 'HTTPS' : 'HTTP'} with ${status}`;
  return `and answered ${said}${slow}`;
}
