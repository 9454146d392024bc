import type { SecretText } from '../../config/secrets/secret-text.ts';
import { LivenessError, messageOf } from '../../errors.ts';
import type { ListenerStatus } from '../../report/listener-status.ts';

const ANSWER_MS = 10_000;

/** The text of `/metrics`. Throws ERR_NO_MONITOR for a listener that does not answer it, ERR_USAGE without its token. */
export async function readMetrics(
  { url, isGuarded }: ListenerStatus,
  token: SecretText | null,
): Promise<string> {
  if (isGuarded && token === null) {
    throw new LivenessError(
      'ERR_USAGE',
      'metrics: set LIVENESS_HTTP_TOKEN to the token of the monitor',
    );
  }
  const headers = token === null ? {} : { authorization: `Bearer ${token.reveal()}` };
  const signal = AbortSignal.timeout(ANSWER_MS);
  const answer = await fetch(new URL('/metrics', url), { headers, signal }).catch(
    (error: unknown) => {
      throw new LivenessError('ERR_NO_MONITOR', `metrics: ${url}: ${messageOf(error)}`);
    },
  );
  if (answer.ok) return answer.text();
  const code = answer.status === 401 ? 'ERR_USAGE' : 'ERR_NO_MONITOR';
  throw new LivenessError(code, `metrics: ${url}: the monitor answers ${answer.status}`);
}
