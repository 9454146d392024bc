import type { Secrets } from '../../config/secrets/secrets.ts';
import type { Observation } from '../../target/observation.ts';
import type { ObservedRestart } from '../../target/restarts/observed-restart.ts';
import {
  addObserved,
  findUnseen,
  markSeen,
  NO_RESTARTS,
  tellRestart,
  type RestartList,
} from '../../target/restarts/restart-list.ts';
import type { Event } from '../../verdict/event.ts';
import type { Failure } from '../../verdict/streak.ts';

/** All that is known of one target's restarts under PM2. */
export class RestartHistory {
  #list: RestartList;
  #orderedFor: Failure | null = null;

  constructor(kept: RestartList = NO_RESTARTS) {
    this.#list = kept;
  }

  get list(): RestartList {
    return this.#list;
  }

  /** The restarts since the list was kept, of which nobody heard. */
  findUnseen(observation: Observation): readonly ObservedRestart[] {
    return findUnseen(this.#list, observation);
  }

  /** Takes over which incarnations PM2 shows now. */
  markSeen(observation: Observation): void {
    this.#list = markSeen(this.#list, observation);
  }

  /** Takes note of a restart, and gives it as the verdict hears it. */
  note(
    restart: ObservedRestart,
    secrets: Secrets | undefined,
    at: number,
  ): Extract<Event, { type: 'restarted' }> {
    const told = tellRestart(restart, this.#orderedFor, secrets);
    this.#list = addObserved(this.#list, told);
    return { ...told, type: 'restarted', at };
  }

  /** What was kept was read late, merged with what is known here. */
  restore({ last }: RestartList): void {
    this.#list = { ...this.#list, last };
  }

  /** A restart of ours is issued because of this failure. */
  order(failure: Failure | null): void {
    this.#orderedFor = failure;
  }
}
