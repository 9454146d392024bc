import { request, type IncomingMessage } from 'node:http';
import { codeOf, LivenessError, messageOf } from '../errors.ts';
import { distrustOf } from './trusted-socket.ts';
import { isStatusDocument } from '../report/is-status-document.ts';
import type { StatusDocument } from '../report/status.ts';

/** The options of a request. */
interface RequestOptions {
  /** The deadline of the whole exchange, with the connect. */
  readonly timeoutMs: number;
  /** Sent as JSON. */
  readonly body?: unknown;
}

/** The leader's pid is shown only where it is known within this time. */
const PID_MS = 1_000;

/** Far more than a status of a thousand apps. */
const MOST_BYTES = 8 * 1024 * 1024;

/** The errors where nobody listens: no file, the socket of a dead monitor, or a file that is no socket. */
const NOBODY = new Set(['ENOENT', 'ECONNREFUSED', 'ENOTSOCK', 'ENOTDIR', 'ENAMETOOLONG']);

const START = 'start one with `pm2 start ecosystem.config.cjs`';
const LOOK = '`pm2-liveness doctor` shows why';

/**
 * Asks the monitor behind the socket at `path` (`socketPathOf(home).path`) for its status document. Throws
 * ERR_NO_MONITOR where none runs or none answers in time, ERR_MONITOR where the answer is no document, or
 * where somebody else could have put the socket there.
 */
export async function getStatus(
  path: string,
  { timeoutMs }: { readonly timeoutMs: number },
): Promise<StatusDocument> {
  const answer = await requestMonitor(path, 'GET', '/status', { timeoutMs });
  if (isStatusDocument(answer)) return answer;
  throw ill(`the monitor at ${path} did not send a status document of version 1`);
}

/** The pid of the monitor behind the socket; null where none answers. */
export async function leaderPid(path: string): Promise<number | null> {
  return getStatus(path, { timeoutMs: PID_MS }).then(
    ({ monitor }) => monitor.pid,
    () => null,
  );
}

/** Sends one request to the monitor, and returns the JSON of its answer. Throws as `getStatus` does. */
export async function requestMonitor(
  path: string,
  method: 'GET' | 'POST',
  route: string,
  options: RequestOptions,
): Promise<unknown> {
  const signal = AbortSignal.timeout(options.timeoutMs);
  let status: number;
  let text: string;
  try {
    const distrust = await inTime(distrustOf(path), signal);
    if (distrust !== null) throw ill(`the monitor at ${path} cannot be trusted: ${distrust}`);
    const response = await exchange(path, method, route, options.body, signal);
    status = response.statusCode ?? 0;
    text = await readText(response);
  } catch (error) {
    if (error instanceof LivenessError) throw error;
    throw signal.aborted || !isAnswered(error)
      ? failed(reasonOf(path, options.timeoutMs, signal.aborted, error), error)
      : ill(
          `what answers at ${path} is not a monitor, or it closed the connection: ${messageOf(error)}`,
          error,
        );
  }
  const answer = parse(text, path);
  if (status >= 200 && status < 300) return answer;
  // The only error that the caller can correct.
  if (status === 400) throw new LivenessError('ERR_USAGE', errorOf(answer, status));
  throw ill(`the monitor at ${path} answered ${status}: ${errorOf(answer, status)}`);
}

/** Rejects as soon as the signal aborts, because a hanging disk must not block the caller. */
function inTime<Value>(look: Promise<Value>, signal: AbortSignal): Promise<Value> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    look.then(resolve, reject);
  });
}

function exchange(
  socketPath: string,
  method: string,
  path: string,
  body: unknown,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const text = body === undefined ? '' : JSON.stringify(body);
    const headers = { host: 'pm2-liveness', 'content-length': Buffer.byteLength(text) };
    const asked = request({ socketPath, method, path, headers, signal, agent: false });
    asked.once('response', resolve);
    asked.on('error', reject);
    asked.end(text);
  });
}

async function readText(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response) {
    if (!Buffer.isBuffer(chunk)) continue;
    bytes += chunk.length;
    if (bytes > MOST_BYTES) throw ill(`the answer is longer than ${MOST_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parse(text: string, path: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch (error) {
    throw ill(`what answers at ${path} did not send valid JSON: ${messageOf(error)}`, error);
  }
}

function reasonOf(path: string, timeoutMs: number, isLate: boolean, error: unknown): string {
  if (isLate) return `the monitor at ${path} did not answer within ${timeoutMs} ms; ${LOOK}`;
  const code = codeOf(error) ?? '';
  if (NOBODY.has(code)) return `no monitor runs for this PM2_HOME (${path}: ${code}); ${START}`;
  return `cannot ask the monitor at ${path}: ${messageOf(error)}`;
}

/** True where something answered, but not with a whole HTTP answer. */
function isAnswered(error: unknown): boolean {
  const code = codeOf(error) ?? '';
  return code.startsWith('HPE_') || code === 'ECONNRESET' || code === 'EPIPE';
}

function ill(message: string, cause?: unknown): LivenessError {
  return new LivenessError('ERR_MONITOR', `${message}; ${LOOK}`, { cause });
}

function failed(message: string, cause?: unknown): LivenessError {
  return new LivenessError('ERR_NO_MONITOR', message, { cause });
}

function errorOf(answer: unknown, status: number): string {
  const hasError = typeof answer === 'object' && answer !== null && 'error' in answer;
  return hasError ? String(answer.error) : `status ${status}`;
}
