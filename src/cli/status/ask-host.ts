import { codeOf, messageOf } from '../../errors.ts';
import { isStatusDocument } from '../../report/is-status-document.ts';
import type { StatusDocument } from '../../report/status.ts';
import { noAnswerText } from '../../text/no-answer-text.ts';
import { readJson } from '../../text/read-json.ts';
import type { Host } from './hosts-file.ts';

/** What a host said: its document, or why there is none. A host without one is unknown, not down. */
export type HostAnswer =
  | { readonly host: Host; readonly document: StatusDocument; readonly problem: null }
  | { readonly host: Host; readonly document: null; readonly problem: string };

/** For the whole answer. A host that is asked over the internet needs a second or two. */
const ANSWER_MS = 5_000;

/** More than a status of a thousand apps. */
const MOST_BYTES = 8 * 1024 * 1024;

const LIMITS = { mostCharacters: MOST_BYTES, deepest: 16 };

/** Enough for a screen of hosts at once, and few descriptors. */
const AT_ONCE = 32;

/** Asks all hosts, 32 at a time; in their order. Never rejects, but where `signal` aborts. */
export async function askHosts(
  hosts: readonly Host[],
  signal: AbortSignal,
): Promise<readonly HostAnswer[]> {
  const answers: HostAnswer[] = [];
  const waiting = hosts.entries();
  const askOn = async (): Promise<void> => {
    for (const [at, host] of waiting) answers[at] = await askHost(host, signal);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, askOn));
  signal.throwIfAborted();
  return answers;
}

async function askHost(host: Host, signal: AbortSignal): Promise<HostAnswer> {
  const deadline = AbortSignal.timeout(ANSWER_MS);
  const bad = (problem: string): HostAnswer => ({ host, document: null, problem });
  try {
    const response = await fetch(`${host.url}api/status`, {
      // A token must not go where the user has not said.
      redirect: 'manual',
      headers: host.token ? { authorization: `Bearer ${host.token.reveal()}` } : {},
      signal: AbortSignal.any([deadline, signal]),
    });
    const text = response.ok ? await readText(response) : await dropBody(response);
    if (!response.ok) return bad(refusalOf(response.status, host));
    if (text === null) return bad(`its answer has more than ${MOST_BYTES} bytes`);
    const read = readJson(text, LIMITS);
    if (read.ok && isStatusDocument(read.value)) {
      return { host, document: read.value, problem: null };
    }
    return bad(`it sent no status document: ${read.ok ? NO_MONITOR : `its answer ${read.reason}`}`);
  } catch (error) {
    if (deadline.aborted) return bad(`no answer within ${ANSWER_MS / 1_000} s`);
    // Node hides what went wrong with the connection in the cause.
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
    return bad(noAnswerText(codeOf(cause), messageOf(cause)));
  }
}

const NO_MONITOR = 'is it the LIVENESS_HTTP of a monitor?';

function refusalOf(status: number, { token }: Host): string {
  if (status === 401 || status === 403) {
    return token === null
      ? `it wants a token (${status}): write it after the host into the file of --hosts-file`
      : `it refuses the token of the file (${status}): it is that of LIVENESS_HTTP_TOKEN there`;
  }
  if (status === 421)
    return 'it does not answer to this name (421): give the name that its LIVENESS_HTTP has';
  if (status === 429) return 'it takes no token for now after too many wrong ones (429)';
  if (status >= 300 && status < 400) {
    return `it sends us to another address (${status}), which is not followed: give that address`;
  }
  return `it answered ${status}; ${NO_MONITOR}`;
}

async function dropBody({ body }: Response): Promise<null> {
  await body?.cancel();
  return null;
}

/** Null for a longer one than the bound. */
async function readText({ body }: Response): Promise<string | null> {
  if (body === null) return '';
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of body) {
    bytes += part.byteLength;
    // Leaving the loop cancels the rest.
    if (bytes > MOST_BYTES) return null;
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}
