import type { TargetConfig } from '../../config/target-config.ts';
import { hideQuery } from '../../config/secrets/shown-target.ts';
import type { Sample } from '../../probe/probe.ts';

/** A failed sample. */
type FailedSample = Extract<Sample, { readonly kind: 'fail' }>;

/** Answers that say: you ask the wrong thing. No restart changes what is asked (DESIGN §11). */
const WRONG_QUESTION: ReadonlySet<number> = new Set([401, 403, 404, 405, 426]);

/** A server may answer so while it still loads its routes: this many in a row are no accident. */
const IN_A_ROW = 3;

/** True for an answer by which an app that never answered well shows that its block is wrong. */
export function isWrongQuestion(sample: Sample): sample is FailedSample {
  return (
    sample.kind === 'fail' &&
    sample.class === 'status' &&
    sample.status !== undefined &&
    WRONG_QUESTION.has(sample.status)
  );
}

/** What is known beside the answer. */
export interface QuestionEvidence {
  /** How many such answers came in a row, this one included. */
  readonly inARow: number;
  /** The age of the app's present incarnation. */
  readonly ageMs: number;
}

/** Whether such an answer is enough: an app that still starts gets a few more. */
export function isEnough({ inARow, ageMs }: QuestionEvidence, { policy }: TargetConfig): boolean {
  const isStarting = ageMs < policy.startupTimeoutMs;
  return !isStarting || inARow >= Math.min(IN_A_ROW, policy.failureThreshold);
}

/** The same answer as a fault of the block, with what to write instead. */
export function blameQuestion(sample: FailedSample, config: TargetConfig): Sample {
  const said = `${sample.detail}; it has never answered well under this block`;
  return { ...sample, class: 'misconfig', detail: `${said}: ${adviceFor(sample, config)}` };
}

function adviceFor({ status }: FailedSample, config: TargetConfig): string {
  const { probe } = config;
  const url = shownUrl(config);
  const asHttp = `http: { url: '${url.replace(/^ws/, 'http')}', status: '100-599' }`;
  if (probe.type === 'vite') return `if this is no Vite dev server, write ${asHttp}`;
  if (probe.type === 'websocket') {
    return `name the path of its WebSocket, or take any answer as alive with ${asHttp}`;
  }
  const orAny = `or take any answer as alive with ${asHttp}`;
  switch (status) {
    case 401:
    case 403:
      return `name a path that needs no login, send one in \`headers\`, ${orAny}`;
    case 405:
      return `name a path or a \`method\` that it takes, ${orAny}`;
    case 426:
      return `if it speaks WebSocket there, write websocket: '${url.replace(/^http/, 'ws')}', ${orAny}`;
    case undefined:
    default:
      return `name a path that it has, such as its health page, ${orAny}`;
  }
}

/** The URL that is asked, without what may be secret in it. */
function shownUrl({ probe, shown }: TargetConfig): string {
  return shown ?? ('url' in probe ? hideQuery(probe.url) : '');
}
