/** As whom a command runs, and with what environment: the app's, and never ours. */
export interface Runner {
  /** Null where we are that user ourselves, or the system has no users. */
  readonly user: { readonly uid: number; readonly gid: number } | null;
  readonly env: Readonly<Record<string, string>>;
}

/** Who may run the command of an app, or why that is not known or not possible. */
export type RunAs =
  | ({ readonly kind: 'as' } & Runner)
  | { readonly kind: 'unknown'; readonly why: string };
