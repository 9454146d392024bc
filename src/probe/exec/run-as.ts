/** The user and the environment of a command: the app's, never ours. */
export interface Runner {
  /** Null where it is our own user, or where the system has no users. */
  readonly user: { readonly uid: number; readonly gid: number } | null;
  readonly env: Readonly<Record<string, string>>;
}

/** Who runs the command of an app, or why that is not known or not possible. */
export type RunAs =
  | ({ readonly kind: 'as' } & Runner)
  | { readonly kind: 'unknown'; readonly reason: string };
