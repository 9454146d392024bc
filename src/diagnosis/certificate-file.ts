import { X509Certificate } from 'node:crypto';
import { checkServerIdentity } from 'node:tls';
import type { TargetConfig } from '../config/target-config.ts';
import { maskDetail } from '../config/secrets/secrets.ts';
import type { BoundedFiles } from '../os/bounded-files.ts';
import type { SeenCertificate } from '../probe/net/certificate.ts';
import { expiredText } from '../probe/net/tls-suspicion.ts';
import type { Sample } from '../probe/probe.ts';
import type { Observation } from '../target/observation.ts';
import { dateText } from '../text/date-text.ts';
import { singleLine } from '../text/single-line.ts';
import type { Clock } from '../time/clock.ts';

/** A chain of certificates with its key has a few KiB. */
const MOST_BYTES = 65_536;

/** Through what the file is read. */
export interface CertificateFileDeps {
  readonly files: Pick<BoundedFiles, 'mark' | 'text'>;
  readonly clock: Pick<Clock, 'wall'>;
}

type FailedSample = Extract<Sample, { readonly kind: 'fail' }>;

/** What makes a sample of an expired certificate another one. */
type Meaning = Pick<FailedSample, 'class' | 'detail'>;

/**
 * Knows of one target whether the file of its certificate has a newer one than its server shows (DESIGN §11).
 * The file is read only when the served one has expired.
 */
export class CertificateFile {
  readonly #deps: CertificateFileDeps;
  /** The newer certificate that was found in the file, and under which incarnation of the app. */
  #found: { readonly fingerprint: string; readonly incarnation: string | null } | null = null;

  constructor(deps: CertificateFileDeps) {
    this.#deps = deps;
  }

  /** What an expired certificate means; any other sample means what it says. Never rejects. */
  async judge(
    app: Observation,
    { probe, secrets }: TargetConfig,
    sample: FailedSample,
    served: SeenCertificate | undefined,
  ): Promise<FailedSample> {
    const tls = 'tls' in probe ? probe.tls : undefined;
    if (sample.isExpired !== true || !('url' in probe) || tls?.certFile === undefined)
      return sample;
    if (served === undefined || served.notAfter === null) return sample;
    const name = tls.servername ?? new URL(probe.url).hostname.replace(/^\[(.*)\]$/, '$1');
    const found = await readCertificate(tls.certFile, this.#deps.files);
    const meaning =
      'reason' in found
        ? misconfigured(`${found.reason}: ${found.fix}`)
        : this.#compare(found, { app, served, name, path: tls.certFile });
    const detail = `${expiredText(served.notAfter)}; ${meaning.detail}`;
    return maskDetail(
      { ...sample, class: meaning.class, detail: singleLine(detail, 400) },
      secrets,
    );
  }

  #compare(
    file: X509Certificate,
    {
      app: { incarnation },
      served,
      name,
      path,
    }: {
      readonly app: Observation;
      readonly served: SeenCertificate;
      readonly name: string;
      readonly path: string;
    },
  ): Meaning {
    const now = this.#deps.clock.wall();
    const [from, to] = [Date.parse(file.validFrom), Date.parse(file.validTo)];
    const shown = `\`certFile\` ${path}`;
    if (file.fingerprint256 === served.fingerprint)
      return misconfigured(`${shown} has the same one: renew it`);
    if (!(to > now))
      return misconfigured(`the one in ${shown} has expired too (${dayText(to)}): renew it`);
    if (!(from <= now))
      return misconfigured(`the one in ${shown} is valid only from ${dayText(from)}`);
    if (checkServerIdentity(name, file.toLegacyObject()) !== undefined)
      return misconfigured(`the one in ${shown} is for another name than ${name}`);
    const known = this.#found;
    const isKnown = known?.fingerprint === file.fingerprint256;
    // After one restart it is sure that the app takes its certificate from elsewhere.
    if (isKnown && known.incarnation !== incarnation)
      return misconfigured(
        `it was restarted since ${shown} has a newer one, and does not serve that: name the file that the app reads`,
      );
    this.#found = { fingerprint: file.fingerprint256, incarnation };
    const detail = `${shown} has a newer one, valid until ${dayText(to)}, which a restart makes the app read`;
    return { class: 'certificate', detail };
  }
}

/** Why a file has no certificate to read, and what to do. */
export interface CertificateTrouble {
  readonly reason: string;
  readonly fix: string;
}

/** What is wrong with the `certFile` of a block; null where it names none, or one that can be read. Never rejects. */
export async function certFileTrouble(
  { probe }: Pick<TargetConfig, 'probe'>,
  files: CertificateFileDeps['files'],
): Promise<CertificateTrouble | null> {
  const path = 'tls' in probe ? probe.tls?.certFile : undefined;
  if (path === undefined) return null;
  const found = await readCertificate(path, files);
  return 'reason' in found ? found : null;
}

/** The first certificate of the file, or why there is none. */
async function readCertificate(
  path: string,
  files: CertificateFileDeps['files'],
): Promise<X509Certificate | CertificateTrouble> {
  const shown = `\`certFile\` ${path}`;
  const mark = await files.mark(path);
  if (mark?.kind === 'missing') return { reason: `${shown} is missing`, fix: 'correct its path' };
  if (mark?.kind === 'folder')
    return { reason: `${shown} is a folder`, fix: 'name the file in it' };
  const text = await files.text(path, MOST_BYTES + 1);
  if (text === null) return { reason: `${shown} cannot be read`, fix: 'check who may read it' };
  const fix = 'name the file that the app reads';
  if (Buffer.byteLength(text) > MOST_BYTES) return { reason: `${shown} has more than 64 KiB`, fix };
  const none = { reason: `${shown} has no certificate in PEM form`, fix };
  return firstCertificateIn(text) ?? none;
}

/** The first certificate of a text in PEM form; null where there is none. */
export function firstCertificateIn(text: string): X509Certificate | null {
  try {
    return new X509Certificate(text);
  } catch {
    return null;
  }
}

function misconfigured(detail: string): Meaning {
  return { class: 'misconfig', detail };
}

/** A time that a certificate names may be none that we can write. */
function dayText(wall: number): string {
  return Number.isFinite(wall) ? dateText(wall) : 'an unknown day';
}
