import { homedir, userInfo } from 'node:os';

/** The uid of this process; null where the system has none (Windows). */
export function ownUid(): number | null {
  return process.getuid?.() ?? null;
}

/** Its user's name; null for a uid that the system's list of users does not have, as in a container. */
export function ownUserName(): string | null {
  try {
    return userInfo().username;
  } catch {
    return null;
  }
}

/** Its user's home; null where neither HOME nor the list of users has one. */
export function ownHome(): string | null {
  try {
    return homedir();
  } catch {
    return null;
  }
}
