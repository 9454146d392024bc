/** What the guard knows from earlier looks; times in wall milliseconds. */
export interface GuardMemory {
  readonly lookedAt: number;
  /** What the last look found, as a sentence. */
  readonly found: string;
  /** When the daemon was last seen, or known to be stopped on purpose; null where neither ever was. */
  readonly daemon: { readonly boot: string; readonly isOnPurpose: boolean } | null;
  /** The monitor that led last; null where none did. */
  readonly leaderPid: number | null;
  /** What is wrong, and since when; null where nothing is. */
  readonly trouble: Trouble | null;
  /** How often something was started without success, and when last. */
  readonly attempts: number;
  readonly attemptedAt: number | null;
  /** True where people got a message about a trouble, and none yet about its end. */
  readonly isTold: boolean;
  /** What they got messages about since then, see `newsOf`. This and what follows is absent in the file of an older guard. */
  readonly told?: readonly string[] | undefined;
  /** What the newest attempt was about, see `aboutOf`. */
  readonly attemptedFor?: string | undefined;
  /** How many looks in a row were good. */
  readonly goodLooks?: number | undefined;
  /** Of what people got the end, while it was not well for long enough since. */
  readonly ended?: readonly string[] | undefined;
  /** How many looks in a row found PM2 gone and systemd at work on it. */
  readonly busyLooks?: number | undefined;
  /** How many attempts failed. */
  readonly failures?: number | undefined;
}

/** Something that is wrong in one look or several. */
export interface Trouble {
  readonly what: 'daemon' | 'monitor';
  readonly since: number;
  readonly looks: number;
  /** How many looks in a row found the same processes. */
  readonly sameLooks: number;
  readonly processes: string;
}

/** Before the first look. */
export const NO_MEMORY: GuardMemory = {
  lookedAt: 0,
  found: '',
  daemon: null,
  leaderPid: null,
  trouble: null,
  attempts: 0,
  attemptedAt: null,
  isTold: false,
};
