import type { TargetConfig } from '../../config/target-config.ts';
import type { Problem } from '../../config/problem.ts';
import type { CertificateTrouble } from '../../diagnosis/certificate-file.ts';
import type { PortHolder } from '../../diagnosis/port-holder.ts';
import type { BootPersistence } from '../../os/boot/persistence.ts';
import type { InotifyUse } from '../../os/linux/inotify.ts';
import type { ManagedProcess } from '../../pm2/process.ts';
import type { GuardTimer } from '../guard/timers.ts';
import type { WrittenFile } from '../framework/ecosystem-here.ts';
import type { StatusDocument } from '../../report/status.ts';

/** The facts for all checks, read once. */
export interface DoctorFacts {
  readonly pm2Home: string;
  /** Of the daemon. */
  readonly pm2Version: string;
  /** True where the daemon does not find the program `ps`. */
  readonly isPsMissing: boolean;
  /** The status of the leading monitor; null where none leads. */
  readonly status: StatusDocument | null;
  /** The answer of a monitor that gave no status. */
  readonly statusReason?: string;
  /** Every monitor in PM2's list, also the leader. */
  readonly monitors: readonly ManagedProcess[];
  /** Every other process in PM2's list. */
  readonly apps: readonly AppFacts[];
  /** The ecosystem file of the current folder; absent where there is none. */
  readonly ecosystem?: WrittenFile;
  /** Whether the apps come back after a reboot, or why that is not known. */
  readonly boot: BootPersistence | string;
  /** The monitor's channels; absent where it has none, or where no monitor is in PM2's list. */
  readonly notify?: NotifyFacts;
  /** The guard outside PM2; absent where systemd does not run, or where nothing is known of it. */
  readonly guard?: GuardFacts;
  /** Null where the system has no such limits, or does not show them. */
  readonly inotify: InotifyUse | null;
}

/** The words that PM2's commands read as a name or a namespace before they read them as an id. */
export function wordsTaken({ monitors, apps }: DoctorFacts): readonly string[] {
  const processes = [...monitors, ...apps.map(({ process }) => process)];
  return processes.flatMap(({ name, env }) => [name, String(env['namespace'])]);
}

/** What is known about the channels for messages. No text has a secret. */
export interface NotifyFacts {
  /** The wrong lines, one sentence each. */
  readonly problems: readonly string[];
  /** `reason`: why no connection was made; null where one was, or where the channel is a program. */
  readonly channels: readonly {
    readonly name: string;
    readonly shown: string;
    readonly reason: string | null;
  }[];
  /** The dead man's switch, in the same way; null where none is set. */
  readonly ping: { readonly shown: string; readonly reason: string | null } | null;
  /** Files with a channel or the switch in them that others on this machine can read. */
  readonly exposed: readonly string[];
}

/** What is known about the guard. */
export interface GuardFacts {
  /** Null where none is installed. */
  readonly timer: GuardTimer | null;
  /** Since its last look, by the timer or another way; null where it never looked. */
  readonly lookAgeMs: number | null;
  /** What is wrong, as the last look says it; null where nothing is. */
  readonly trouble: string | null;
}

/** What is known about one app. */
export interface AppFacts {
  readonly process: ManagedProcess;
  /** The settings of its block; null where it has none or a bad one. */
  readonly config: TargetConfig | null;
  readonly problems: readonly Problem[];
  /** The package manager that PM2 runs instead of the app, and its script; null where there is none. */
  readonly wrapper: Wrapper | null;
  readonly isVite: boolean;
  /** True where its probe or its command shows that it is one: Vite, `next dev`, … */
  readonly isDevServer: boolean;
  /** True where its vite.config says `strictPort: true`. */
  readonly isStrictByConfig: boolean;
  /** Who holds its probed port; null where that is not checked. */
  readonly port: PortUse | null;
  /** Where the port of its tcp probe answers HTTP; absent where it does not, and for other probes. */
  readonly httpUrl?: string;
  /** What is wrong with the `certFile` of its block; absent where nothing is, or it names none. */
  readonly certFileTrouble?: CertificateTrouble;
}

/** A package manager between PM2 and the app. */
export interface Wrapper {
  /** `npm`, `pnpm`, `yarn`, `bun`. */
  readonly program: string;
  /** The command of the script in package.json; null where not known. */
  readonly command: string | null;
}

/** Another app of the same PM2, or PM2's daemon itself, which listens for apps in cluster mode. */
export interface Neighbour {
  readonly pid: number;
  /** Null for the daemon. */
  readonly app: { readonly name: string; readonly pmId: number } | null;
}

/** Who listens on the app's probed port. */
export interface PortUse {
  readonly port: number;
  /** The probed addresses. */
  readonly addresses: readonly string[];
  /** The holder, as the monitor judges it. */
  readonly holder: PortHolder;
  /** True where anything listens on the port, on any address; null: not known. */
  readonly isHeld: boolean | null;
  /** The pids that listen there and are not in the app's tree. */
  readonly others: readonly number[];
  /** Other apps of this PM2 that listen there; absent where none does. */
  readonly neighbours?: readonly Neighbour[];
  /** The addresses at which the app has this port, and its other ports. */
  readonly ownAddresses: readonly string[];
  readonly otherPorts: readonly number[];
}
