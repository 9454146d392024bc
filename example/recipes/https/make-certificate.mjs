// Writes key.pem and certificate.pem, self-signed for localhost, beside this file. Neither is ever
// committed.
import { execFileSync } from 'node:child_process';

const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
const files = ['-keyout', 'key.pem', '-out', 'certificate.pem'];
execFileSync(
  'openssl',
  ['req', '-x509', '-newkey', 'rsa:2048', '-noenc', '-days', '365', ...subject, ...files],
  { cwd: import.meta.dirname, stdio: ['ignore', 'ignore', 'inherit'] },
);
