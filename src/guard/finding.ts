import type { MonitorProcess } from './evidence.ts';
import type { Trouble } from './memory.ts';

/** What the guard is to do. */
export type GuardOrder =
  /** `pm2 resurrect`. */
  | { readonly type: 'resurrect' }
  /** A restart by PM2 of monitors that do not work. */
  | { readonly type: 'restart'; readonly processes: readonly MonitorProcess[] };

/** What a look means. */
export type Finding =
  | { readonly kind: 'well'; readonly text: string }
  /** Somebody stopped it on purpose; `isDaemon`: PM2 as a whole. */
  | { readonly kind: 'left alone'; readonly text: string; readonly isDaemon: boolean }
  /** Too early to tell; the next look knows more. */
  | { readonly kind: 'waits'; readonly text: string }
  | {
      readonly kind: 'trouble';
      readonly what: Trouble['what'];
      readonly text: string;
      /** The processes that it is about, so that the next look knows them again. */
      readonly processes: string;
      readonly order: GuardOrder | null;
      /** True where the guard can do nothing, so that a person has to hear of it at once. */
      readonly isHopeless: boolean;
      /** True where the machine came up without it. */
      readonly isRebooted?: boolean;
    };
