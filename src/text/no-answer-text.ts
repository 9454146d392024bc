/**
 * Why a request got no answer, by the code of Node's error, or else its message; nothing of the message where there is
 * a code: it has the URL in some cases.
 */
export function noAnswerText(code: string | undefined, message: string): string {
  return REASONS[code ?? ''] ?? (code === undefined ? message : `no connection (${code})`);
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'no connection: nothing listens there (ECONNREFUSED)',
  ENOTFOUND: 'no connection: its name is not known (ENOTFOUND)',
  EAI_AGAIN: 'no connection: its name cannot be looked up now (EAI_AGAIN)',
  ECONNRESET: 'the connection was closed without an answer (ECONNRESET)',
  EPROTO: 'TLS: the port does not speak TLS (EPROTO); is it http: and not https:?',
  CERT_HAS_EXPIRED: 'TLS: its certificate has expired (CERT_HAS_EXPIRED)',
  ERR_TLS_CERT_ALTNAME_INVALID:
    'TLS: its certificate is for another host (ERR_TLS_CERT_ALTNAME_INVALID)',
  DEPTH_ZERO_SELF_SIGNED_CERT:
    'TLS: its certificate is self-signed (DEPTH_ZERO_SELF_SIGNED_CERT); NODE_EXTRA_CA_CERTS can name a file with it',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    'TLS: who issued its certificate is not known (UNABLE_TO_VERIFY_LEAF_SIGNATURE); NODE_EXTRA_CA_CERTS can name a file with that one',
};
