import { heldBy } from './sentence.ts';
import type { DependencyStatus, SlowAnswers, TargetView } from './view.ts';

/** What the status document says of a target beside its state; each is absent where there is nothing. */
export interface TargetNotes {
  /** What of its `dependsOn` is down, while the app is not well and held for it. */
  readonly heldBy?: string;
  /** Its answers of the last minute, where they are slow; times in milliseconds. */
  readonly slow?: SlowAnswers;
  /** When its server's certificate expires (ISO 8601), where that is soon or past. */
  readonly certificate?: { readonly expires: string };
  /** How each of its dependencies is. */
  readonly dependsOn?: readonly DependencyStatus[];
}

/** Takes the notes from what is known of a target. */
export function notesOf({ verdict, slow, certificate, dependsOn }: TargetView): TargetNotes {
  const hold = heldBy(verdict);
  return {
    ...(hold && { heldBy: hold.reason }),
    ...(slow && { slow }),
    ...(certificate && {
      certificate: { expires: new Date(certificate.notAfter).toISOString() },
    }),
    ...(dependsOn && { dependsOn: dependsOn() }),
  };
}
