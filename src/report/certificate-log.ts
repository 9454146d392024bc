import { sanitizeLine } from '../text/sanitize.ts';
import { certificateText } from './certificate-text.ts';
import type { Log } from './log.ts';
import type { TargetView } from './view.ts';

/** One line where the certificate of an app is nearer to its end, or has been replaced. */
export function logCertificate(log: Log, view: TargetView, label: string): void {
  const { name, pmId, pid, certificate } = view;
  const expires = certificate ? new Date(certificate.notAfter).toISOString() : null;
  const fields = { app: name, pmId, pid, event: 'certificate', expires };
  if (certificate) log.line('warn', `${label}: ${certificateText(certificate)}`, fields);
  else log.line('info', `${label}: its certificate no longer expires soon`, fields);
}

/** One line where the file of its certificate cannot be read. */
export function logCertFile(log: Log, view: TargetView, label: string, reason: string): void {
  const { name, pmId, pid } = view;
  const fields = { app: name, pmId, pid, event: 'certFile' };
  log.line('warn', `${label}: ${sanitizeLine(reason)}`, fields);
}
