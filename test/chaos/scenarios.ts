/**
 * The faults to survive (CHAOS of the design), each with what is right, and with one mutation: a
 * guard taken out of the product, after which the scenario must fail. `npm run test:mutations` takes
 * each out in a copy and shows that it does.
 */
interface Scenario {
  readonly fault: string;
  readonly right: string;
  readonly mutation: Mutation;
}

/** Removes a guard: usually one edit; more where one guard is behind another. */
interface Mutation {
  /** What is taken out, in words. */
  readonly without: string;
  readonly edits: readonly Edit[];
}

/** A text that is in one source file exactly once, and its replacement. */
interface Edit {
  readonly file: string;
  readonly find: string;
  readonly put: string;
}

/** By the number that the design gives them. */
export const SCENARIOS: Readonly<Record<number, Scenario>> = {
  1: {
    fault: 'SIGKILL the app; PM2 revives it',
    right: 'no restart of ours',
    mutation: {
      without: 'the time that a new life has to come up',
      edits: [
        {
          file: 'src/verdict/on-sample.ts',
          find: 'return verdict.at < startsUntil(verdict, policy);',
          put: 'return verdict.at < 0;',
        },
        {
          file: 'src/verdict/on-sample.ts',
          find: 'return failures >= failureThreshold;',
          put: 'return failures >= Math.min(1, failureThreshold);',
        },
      ],
    },
  },
  2: {
    fault: 'crash loop in waiting restart',
    right: 'no call of ours',
    mutation: {
      without: 'telling a wait of PM2 from an app that it gave up',
      edits: [
        {
          file: 'src/action/restart-order.ts',
          find: "return pid === 0 && (status === 'errored' || status === 'waiting restart');",
          put: "return status === 'errored' || status === 'waiting restart';",
        },
        {
          file: 'src/target/observation.ts',
          find: "if (pid > 0) return 'transit';",
          put: "if (pid < 0) return 'transit';",
        },
      ],
    },
  },
  3: {
    fault: 'errored, then its cause is mended',
    right: 'one trial brings it back',
    mutation: {
      without: 'the trial of an app that PM2 gave up',
      edits: [
        {
          file: 'src/verdict/on-tick.ts',
          find: "if (state.name === 'open' && process.status === 'errored' && at >= state.until) {",
          put: 'if (at < 0) {',
        },
      ],
    },
  },
  4: {
    fault: 'SIGSTOP for less than the threshold, then CONT',
    right: 'no restart',
    mutation: {
      without: 'the time for which a process must be stopped',
      edits: [
        {
          file: 'src/diagnosis/stop-watch.ts',
          find: 'if (stop === null || stop.forMs < STOPPED_MS) return null;',
          put: 'if (stop === null || stop.forMs < 0) return null;',
        },
      ],
    },
  },
  5: {
    fault: 'SIGSTOP for good, twice',
    right: 'one restart each, within the bound',
    mutation: {
      without: 'looking whether an app that does not answer works at all',
      edits: [
        {
          file: 'src/verdict/on-sample.ts',
          find: "if (failure.class !== 'timeout' || load !== 'busy') return false;",
          put: "if (failure.class !== 'timeout' || load === null) return false;",
        },
      ],
    },
  },
  6: {
    fault: 'event loop blocked for 20 s by real work',
    right: 'no restart',
    mutation: {
      without: 'busyGrace',
      edits: [
        {
          file: 'src/verdict/on-sample.ts',
          find: "return state.name !== 'failing' || at - since < policy.busyGraceMs;",
          put: 'return at < since;',
        },
      ],
    },
  },
  7: {
    fault: 'event loop blocked for good by a busy loop',
    right: 'one restart, after busyGrace',
    mutation: {
      without: 'the end of busyGrace',
      edits: [
        {
          file: 'src/verdict/on-sample.ts',
          find: "return state.name !== 'failing' || at - since < policy.busyGraceMs;",
          put: 'return at >= since;',
        },
      ],
    },
  },
  8: {
    fault: 'start takes 60 s',
    right: 'no restart',
    mutation: {
      without: 'the time that a new life has to come up',
      edits: [
        {
          file: 'src/verdict/on-sample.ts',
          find: 'return verdict.at < startsUntil(verdict, policy);',
          put: 'return verdict.at < 0;',
        },
      ],
    },
  },
  9: {
    fault: 'start never succeeds',
    right: 'two restarts, then trials at the cooldown’s pace',
    mutation: {
      without: 'giving up after restarts that brought nothing',
      edits: [
        {
          file: 'src/verdict/restart.ts',
          find: 'export const INEFFECTIVE_LIMIT = 2;',
          put: 'export const INEFFECTIVE_LIMIT = 100;',
        },
      ],
    },
  },
  10: {
    fault: 'accepts and never answers',
    right: 'timeout, one restart',
    mutation: {
      without: 'looking whether an app that does not answer works at all',
      edits: [
        {
          file: 'src/verdict/on-sample.ts',
          find: "if (failure.class !== 'timeout' || load !== 'busy') return false;",
          put: "if (failure.class !== 'timeout' || load === null) return false;",
        },
      ],
    },
  },
  11: {
    fault: 'a foreign server takes the port while the app is down',
    right: 'named, untouched for 60 s, no restart',
    mutation: {
      without: 'knowing that a restart does not free a port of somebody else',
      edits: [{ file: 'src/verdict/streak.ts', find: "'impostor']);", put: ']);' }],
    },
  },
  12: {
    fault: 'kill -9 of the npm wrapper',
    right: 'the orphan is proven and ended, the app back under PM2',
    mutation: {
      without: 'ending the left-over that was proven',
      edits: [
        {
          file: 'src/diagnosis/orphans.ts',
          find: 'return this.#next;',
          put: 'return { ...this.#next, lives: [] };',
        },
      ],
    },
  },
  13: {
    fault: 'PM2 daemon killed -9 and resurrected, orphans on the ports',
    right: 'both back under PM2 within 20 s',
    mutation: {
      without: 'ending the left-over that was proven',
      edits: [
        {
          file: 'src/diagnosis/orphans.ts',
          find: 'return this.#next;',
          put: 'return { ...this.#next, lives: [] };',
        },
      ],
    },
  },
  14: {
    fault: 'syntax error saved, later mended',
    right: 'degraded, no restart, clears by itself',
    mutation: {
      without: 'knowing that a restart does not mend the source',
      edits: [{ file: 'src/verdict/streak.ts', find: "new Set(['source', ", put: 'new Set([' }],
    },
  },
  15: {
    fault: 'broken vite.config saved',
    right: 'no restart',
    mutation: {
      without: 'knowing the answer of a Vite that is well',
      edits: [
        { file: 'src/probe/vite/ping.ts', find: 'if (status === 204)', put: 'if (status === 205)' },
      ],
    },
  },
  16: {
    fault: 'operator’s pm2 stop, at 20 random moments of our restart',
    right: 'ends stopped',
    mutation: {
      without: 'repeating a stop that was lost in our restart',
      edits: [
        {
          file: 'src/action/operator-race.ts',
          find: "if (manually && event === 'stop') this.#want('stop');",
          put: '',
        },
      ],
    },
  },
  17: {
    fault: 'operator’s pm2 delete, at 20 random moments of our restart',
    right: 'gone, the port free',
    mutation: {
      without: 'looking after a restart whether a delete crossed it',
      edits: [
        {
          file: 'src/action/operator-race-outcome.ts',
          find: 'await race.wait(CROSSING_MS);',
          put: 'if (order.pmId >= 0) return null;',
        },
        {
          file: 'src/action/operator-race-outcome.ts',
          find: 'await race.wait(LATE_MS);',
          put: 'if (order.pmId >= 0) return watch.close();',
        },
      ],
    },
  },
  18: {
    fault: 'PM2 daemon SIGSTOPped 30 s, then CONT',
    right: 'at most one restart',
    mutation: {
      without: 'noticing that PM2 does not answer',
      edits: [
        {
          file: 'src/monitor/self-check.ts',
          find: 'return this.#pm2;',
          put: 'return null;',
        },
      ],
    },
  },
  19: {
    fault: 'the monitor’s own loop blocked for 10 s',
    right: 'samples dropped, no restart',
    mutation: {
      without: 'watching its own lag',
      edits: [
        {
          file: 'src/monitor/self-check.ts',
          find: 'if (gap - BEAT_MS > LAG_MS) {',
          put: 'if (gap < 0) {',
        },
      ],
    },
  },
  20: {
    fault: 'suspend and resume (clock gap)',
    right: 'settles, no restart',
    mutation: {
      without: 'comparing its two clocks',
      edits: [
        {
          file: 'src/monitor/self-check.ts',
          find: 'if (Math.abs(drift) > DRIFT_MS)',
          put: 'if (Math.abs(drift) < 0)',
        },
      ],
    },
  },
  21: {
    fault: 'two monitors, and the leader killed',
    right: 'one acts, the other takes over with the budget',
    mutation: {
      without: 'what is remembered on disk',
      edits: [
        {
          file: 'src/history/state-recorder.ts',
          find: 'const kept = this.#store.get(key);',
          put: 'const kept = this.#store.get(`${key} of nobody`);',
        },
      ],
    },
  },
  22: {
    fault: 'monitor killed in the middle of backoff',
    right: 'budget and backoff survive',
    mutation: {
      without: 'what is remembered on disk',
      edits: [
        {
          file: 'src/history/state-recorder.ts',
          find: 'const kept = this.#store.get(key);',
          put: 'const kept = this.#store.get(`${key} of nobody`);',
        },
      ],
    },
  },
  23: {
    fault: 'debugger awaited (--inspect-brk)',
    right: 'paused, said so',
    mutation: {
      without: 'looking for a flag that makes Node wait',
      edits: [
        {
          file: 'src/diagnosis/debugger.ts',
          find: 'const mayWait =',
          put: 'const mayWait = false &&',
        },
      ],
    },
  },
  24: {
    fault: 'pm2 reset, reload, update',
    right: 'followed, no restart of ours',
    mutation: {
      without: 'following a new life',
      edits: [
        {
          file: 'src/pm2/process.ts',
          find: 'return `${pmId}:${pid}:${startedAt}`;',
          put: 'return `${pmId}:${pid > 0}:${startedAt > 0}`;',
        },
      ],
    },
  },
  25: {
    fault: 'the pid of an exec command that has ended belongs to another app',
    right: 'nobody else is signalled',
    mutation: {
      without: 'forgetting a command that has ended, and proving whose group it is',
      edits: [
        {
          file: 'src/os/signal/own-group.ts',
          find: 'if (id === null || !isGroupThere(id, kill)) return false;',
          put: 'this.#id = id; if (id === null || !isGroupThere(id, kill)) return false;',
        },
        {
          file: 'src/os/signal/own-group.ts',
          find: 'if (id === null || !this.#isProven(id)) return false;',
          put: 'if (id === null) return false;',
        },
      ],
    },
  },
  26: {
    fault: 'PM2 as root, an app of another user, a command in its folder',
    right: 'the command runs as the user of the app',
    mutation: {
      without: 'becoming the user of the app',
      edits: [
        {
          file: 'src/probe/exec/command.ts',
          find: '...runner?.user,',
          put: '',
        },
      ],
    },
  },
  31: {
    fault:
      'interpreter gone, log folder gone, no descriptors left (crash, and a restart), then back',
    right: 'told with the cause; up again once it is back',
    mutation: {
      without: 'telling an app that PM2 lost from one that somebody stopped',
      edits: [
        {
          file: 'src/target/loss.ts',
          find: "const isUp = status === 'online' || status === 'launching';",
          put: "if (pid >= 0) return null;\n  const isUp = status === 'online' || status === 'launching';",
        },
      ],
    },
  },
  33: {
    fault: 'the app restarts its own child (6 s closed)',
    right: 'no restart of ours',
    mutation: {
      without: 'the time of a start that is the app’s own',
      edits: [
        {
          file: 'src/verdict/on-sample.ts',
          find: 'if (until !== null && verdict.at < until)',
          put: 'if (until !== null && verdict.at < 0)',
        },
      ],
    },
  },
  43: {
    fault: 'a dev server that answers on another port than the block says',
    right: 'misconfig with both ports, no restart',
    mutation: {
      without: 'the question at the app’s other ports',
      edits: [
        {
          file: 'src/diagnosis/closed-port/other-port.ts',
          find: "if (kind === 'ok') return port;",
          put: "if (kind === 'ok' && port === asked) return port;",
        },
      ],
    },
  },
  34: {
    fault: 'errored by its configuration, which is then saved well; a port taken, then free',
    right: 'back within 10 s',
    mutation: {
      without: 'the trial that a save brings on',
      edits: [
        {
          file: 'src/verdict/deploy/on-saved.ts',
          find: "if (state.name !== 'open' || policy.action === 'observe') return unchanged(verdict);",
          put: "if (state.name !== 'open' || what !== '') return unchanged(verdict);",
        },
      ],
    },
  },
  35: {
    fault: 'node_modules taken away for a minute; a real npm ci',
    right: 'held, and asked first when that is over',
    mutation: {
      without: 'the hold while somebody works on the files of an app',
      edits: [
        {
          file: 'src/verdict/deploy/hold-for-deploy.ts',
          find: 'if (at >= hold.until)',
          put: 'if (at >= hold.since)',
        },
      ],
    },
  },
  36: {
    fault: '2 of 3 probes fail for ever; good and bad in turn',
    right: 'one incident, flapping, and a bounded log',
    mutation: {
      without: 'counting what changes between good and bad',
      edits: [
        {
          file: 'src/verdict/incident/flapping.ts',
          find: 'if (changes.length === FLAP_CHANGES && at - (changes[0] ?? at) <= FLAP_MS) return changes;',
          put: 'if (changes.length === FLAP_CHANGES && at < (changes[0] ?? at)) return changes;',
        },
      ],
    },
  },
  37: {
    fault: 'the check itself becomes impossible',
    right: 'unknown with its cause, not observed, no restart',
    mutation: {
      without: 'noticing that nothing was learned',
      edits: [
        {
          file: 'src/verdict/unknown/unanswered.ts',
          find: 'const isLong = samples >= BLIND_SAMPLES || at - run.began >= BLIND_MS;',
          put: 'const isLong = samples < 0;',
        },
      ],
    },
  },
  39: {
    fault: 'no descriptors left, with an exec probe',
    right: 'the monitor lives',
    mutation: {
      without: 'listening to the error of a child that execa stumbled over',
      edits: [
        {
          file: 'src/probe/exec/start.ts',
          find: "subscribe('child_process', hear);\n  try {",
          put: 'try {',
        },
      ],
    },
  },
  40: {
    fault: 'the state folder taken away under the running monitor',
    right: 'it leads on, budget and pauses stay',
    mutation: {
      without: 'making another claim in the new folder',
      edits: [
        {
          file: 'src/leader/socket-lease.ts',
          find: 'const next = await this.#deps.again();',
          put: 'const next = null;',
        },
      ],
    },
  },
  30: {
    fault: 'four apps bad together for 7 s, then well, one after the others',
    right: 'no restart',
    mutation: {
      without: 'a hold that lasts its time',
      edits: [
        {
          file: 'src/monitor/mass-failure-hold.ts',
          find: 'if (now < hold.until || calledFor <= now) return hold;',
          put: 'if (now < hold.until && calledFor < now) return NO_HOLD;',
        },
      ],
    },
  },
  38: {
    fault: 'PM2 takes 60 s over the restart of one (wait_ready); another hangs',
    right: 'the other in its bound',
    mutation: {
      without: 'the end of a restart’s hold on the slot',
      edits: [
        {
          file: 'src/monitor/restart-slot.ts',
          find: 'export const SLOT_HOLD_MS = 10_000;',
          put: 'export const SLOT_HOLD_MS = 100_000;',
        },
      ],
    },
  },
  41: {
    fault: 'an app that cannot be killed for a while, then can',
    right: 'back within its backoff, nothing spent before',
    mutation: {
      without: 'telling a process that could not be ended from an app that was given up',
      edits: [
        {
          file: 'src/target/observation.ts',
          find: "return pid > 0 ? 'stuck' : status;",
          put: 'return status;',
        },
      ],
    },
  },
  27: {
    fault:
      'answers that are slow to judge (an expression, a page, a module), and another app hangs',
    right: 'the other is restarted in its bound, the slow one is named',
    mutation: {
      without: 'the thread in which expressions are judged',
      edits: [
        {
          file: 'src/probe/expression/finder.ts',
          find: "if (typeof matcher !== 'string' && !isQuick(matcher)) {",
          put: "if (typeof matcher !== 'string' && matcher.source === '') {",
        },
      ],
    },
  },
  28: {
    fault: 'a stranger at the other address of localhost; the app hangs',
    right: 'the app’s own address is judged, and it is restarted',
    mutation: {
      without: 'asking the app at its own address alone',
      edits: [
        {
          file: 'src/diagnosis/probed-address.ts',
          find: "if (only === undefined || probe.type === 'exec'",
          put: "if (only !== null || probe.type === 'exec'",
        },
      ],
    },
  },
  29: {
    fault: 'a stranger takes the port between two probes; another user; a so-called docker-proxy',
    right: 'impostor within 30 s, each',
    mutation: {
      without: 'looking again when the sockets at the port change',
      edits: [
        {
          file: 'src/diagnosis/port-watch.ts',
          find: '(sockets === null || sockets === known.sockets) && sample.at < known.until;',
          put: 'sockets !== undefined;',
        },
      ],
    },
  },
  32: {
    fault: 'an app that dies again and again, well in between',
    right: 'one incident unstable with the cause of each restart, few lines, no restart of ours',
    mutation: {
      without: 'counting what PM2 restarts by itself',
      edits: [
        {
          file: 'src/verdict/incident/unstable.ts',
          find: "if (cause === 'us' || cause === 'operator') return run;",
          put: "if (cause === 'us' || cause === 'operator' || cause === 'crash') return run;",
        },
      ],
    },
  },
  42: {
    fault: 'a script that starts a daemon and ends, or watches it; the daemon answers; pm2 restart',
    right: 'the daemon lives, and it is said that it went to the background',
    mutation: {
      without: 'looking whether anybody is kept from its port',
      edits: [
        {
          file: 'src/diagnosis/eviction.ts',
          find: "const isOfUse = sample.kind === 'ok' ||",
          put: 'const isOfUse = sample.at < 0 ||',
        },
      ],
    },
  },
  44: {
    fault: 'a typing error in a page that a framework renders on the server, and the app restarted',
    right: 'source with file and line, no restart, one incident for as long as the page is broken',
    mutation: {
      without: 'hearing what Vite says of a page that is an error',
      edits: [
        {
          file: 'src/probe/vite/page-error.ts',
          find: 'if (error?.id !== undefined) {',
          put: "if (error?.id !== undefined && error.id === '') {",
        },
      ],
    },
  },
  45: {
    fault: 'what an app depends on is down, stopped, given up, or depends on the app itself',
    right: 'held without a restart or an incident, asked when it is back; a cycle is named',
    mutation: {
      without: 'the hold of restarts for a dependency',
      edits: [
        {
          file: 'src/verdict/dependency/dependency.ts',
          find: 'return dependency.hold !== null;',
          put: 'return dependency.since === Number.POSITIVE_INFINITY;',
        },
      ],
    },
  },
  46: {
    fault:
      'a watcher whose app found its port taken, which is then free: an old process, or a stranger',
    right: 'one restart: no file has to be saved',
    mutation: {
      without: 'telling a taken port from a mistake in the source',
      edits: [
        {
          file: 'src/diagnosis/closed-port/waiting-meaning.ts',
          find: 'return ports.length === 0 ||',
          put: 'return ports.length > 99 &&',
        },
      ],
    },
  },
  47: {
    fault: 'the certificate that is served expires, and its file has a newer one or has not',
    right: 'one restart once it has; none in vain, and no second where the app reads another file',
    mutation: {
      without: 'a newer certificate in the file as a reason to restart',
      edits: [
        {
          file: 'src/diagnosis/certificate-file.ts',
          find: "return { class: 'certificate', detail };",
          put: "return { class: 'misconfig', detail };",
        },
      ],
    },
  },
  48: {
    fault: 'a dev server closes its port for 7 s, because its configuration was saved',
    right: 'held: no restart of ours',
    mutation: {
      without: 'the configuration that was saved as a reason to wait',
      edits: [
        {
          file: 'src/diagnosis/deploy/saved-config.ts',
          find: 'if (Math.abs(wall - mark.changedAt) < AGAIN_MS) return name;',
          put: 'if (Math.abs(wall - mark.changedAt) < 0) return name;',
        },
      ],
    },
  },
};
