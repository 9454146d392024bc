import { SecretText } from '../../config/secrets/secret-text.ts';
import { readSecretFile } from '../../config/secrets/secret-file.ts';
import { tokenProblem } from '../../config/listen-address.ts';
import { LivenessError, messageOf } from '../../errors.ts';
import { parseHostAddress, type HostAddress } from './host-address.ts';

/** A monitor to ask, and the token of its listener (LIVENESS_HTTP_TOKEN there). */
export interface Host extends HostAddress {
  readonly token: SecretText | null;
}

/** A monitor is asked once, however often it is given. */
const MOST_HOSTS = 5_000;

/**
 * The hosts that are given, with their tokens from the file; all hosts of the file where none is given. Throws
 * ERR_CONFIG for an address or a line that cannot be read, with its place and without its token.
 */
export async function hostsOf(
  given: readonly string[],
  file: string | undefined,
): Promise<readonly Host[]> {
  const known = file === undefined ? [] : await readHosts(file);
  const byTitle = new Map(known.map((host) => [host.title, host]));
  const asked = given.map((text) => {
    const address = parseHostAddress(text);
    return byTitle.get(address.title) ?? { ...address, token: null };
  });
  const hosts = [
    ...new Map((given.length === 0 ? known : asked).map((host) => [host.title, host])).values(),
  ];
  if (hosts.length > 0 && hosts.length <= MOST_HOSTS) return hosts;
  throw new LivenessError(
    'ERR_CONFIG',
    hosts.length === 0
      ? `${file} names no host; write one a line: the host, and its token where it has one`
      : `got ${hosts.length} hosts, wanted at most ${MOST_HOSTS}`,
  );
}

async function readHosts(file: string): Promise<Host[]> {
  const text = await readSecretFile(file, 'one host a line, and its token after it');
  return text.split(/\r?\n/).flatMap((line, at) => {
    const words = line.trim().split(/\s+/);
    if (words[0] === '' || words[0]?.startsWith('#')) return [];
    try {
      return [parseLine(words)];
    } catch (error) {
      throw new LivenessError('ERR_CONFIG', `${file}, line ${at + 1}: ${messageOf(error)}`);
    }
  });
}

function parseLine([address = '', token, ...more]: readonly string[]): Host {
  if (more.length > 0) {
    throw new LivenessError(
      'ERR_CONFIG',
      `got ${more.length + 2} words, wanted a host and its token`,
    );
  }
  const problem = token === undefined ? null : tokenProblem(token);
  if (problem !== null) throw new LivenessError('ERR_CONFIG', `the token: ${problem}`);
  return {
    ...parseHostAddress(address),
    token: token === undefined ? null : new SecretText(token),
  };
}
