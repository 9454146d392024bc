import { readFile } from 'node:fs/promises';

/** A user as in /etc/passwd. */
interface KnownUser {
  readonly uid: number;
  /** Its primary group. */
  readonly gid: number;
}

/** The user with this name or number; null where /etc/passwd has none. Never rejects. */
export async function findUser(user: string, file = '/etc/passwd'): Promise<KnownUser | null> {
  const entry = await entryOf(user, file);
  const [, , uid, gid] = entry ?? [];
  return isId(uid) && isId(gid) ? { uid: Number(uid), gid: Number(gid) } : null;
}

/** The number of a group by its name; null where /etc/group has none. Never rejects. */
export async function findGroup(group: string, file = '/etc/group'): Promise<number | null> {
  const [, , gid] = (await entryOf(group, file)) ?? [];
  return isId(gid) ? Number(gid) : null;
}

/** The fields of the line with this name or number. A name goes first. */
async function entryOf(word: string, file: string): Promise<readonly string[] | undefined> {
  const text = await readFile(file, 'utf8').catch(() => '');
  const entries = text.split('\n').map((line) => line.split(':'));
  return entries.find(([name]) => name === word) ?? entries.find(([, , id]) => id === word);
}

function isId(text: string | undefined): text is string {
  return /^\d{1,10}$/.test(text ?? '');
}
