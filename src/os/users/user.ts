import { homedir, userInfo } from 'node:os';

/** The uid of this process; null where the system has none (Windows). */
export function ownUid(): number | null {
  return process.getuid?.() ?? null;
}

/** The name of our user; null where the system has no name for the uid, as in a container. */
export function ownUserName(): string | null {
  try {
    return userInfo().username;
  } catch {
    return null;
  }
}

/** The home of our user; null where neither HOME nor the list of users has one. */
export function ownHome(): string | null {
  try {
    return homedir();
  } catch {
    return null;
  }
}
