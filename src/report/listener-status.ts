/** How the listener of LIVENESS_HTTP does. */
export interface ListenerStatus {
  /** `http://127.0.0.1:9616`, as it was set. */
  readonly url: string;
  /** Whether a token is needed. */
  readonly isGuarded: boolean;
  /** Why nothing can be asked for now; null while it can. */
  readonly problem: string | null;
}
