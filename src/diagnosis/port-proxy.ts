import type { OsReader } from '../os/os-reader.ts';

/** Programs that hold a port for other processes: it cannot be seen here for whom. */
const HOLDERS: ReadonlySet<string> = new Set([
  'docker-proxy',
  'rootlesskit',
  'rootlessport',
  'slirp4netns',
  'pasta',
  'pasta.avx2',
  'systemd',
]);

/**
 * The name of a program that holds ports for others; null for any other process. A process can give
 * itself any name, so the program's file counts. Only root may own that file, or the app's own user where
 * the process runs as that user.
 */
export async function findPortProxy(
  process: { readonly pid: number; readonly uid: number | null },
  appUid: number | null,
  reader: Pick<OsReader, 'program'>,
): Promise<string | null> {
  const { pid, uid } = process;
  if (reader.program === undefined) return pid === 1 ? 'the first process of the system' : null;
  if (uid === null || (uid !== 0 && uid !== appUid)) return null;
  const program = await reader.program(pid, HOLDERS);
  const isTrusted = program?.owners?.every((owner) => owner === 0 || owner === uid) ?? false;
  return program !== null && isTrusted ? program.path : null;
}
