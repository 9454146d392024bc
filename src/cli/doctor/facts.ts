import type { TargetConfig } from '../../config/target-config.ts';
import type { Problem } from '../../config/problem.ts';
import type { PortHolder } from '../../diagnosis/port-holder.ts';
import type { BootPersistence } from '../../os/boot/persistence.ts';
import type { InotifyUse } from '../../os/linux/inotify.ts';
import type { ManagedProcess } from '../../pm2/process.ts';
import type { WrittenFile } from '../framework/ecosystem-here.ts';
import type { StatusDocument } from '../../report/status.ts';

/** Everything that the checks rest on, gathered once. */
export interface DoctorFacts {
  readonly pm2Home: string;
  /** Of the daemon. */
  readonly pm2Version: string;
  /** True where the daemon does not find the program `ps`. */
  readonly isPsMissing: boolean;
  /** What the leading monitor says; null where none leads. */
  readonly status: StatusDocument | null;
  /** What a monitor that is there answered in place of it. */
  readonly statusReason?: string;
  /** Every process that is a monitor, the leader included. */
  readonly monitors: readonly ManagedProcess[];
  /** Every other process that PM2 runs. */
  readonly apps: readonly AppFacts[];
  /** What the ecosystem file of the folder says in which the doctor looks; absent where there is none. */
  readonly ecosystem?: WrittenFile;
  /** Whether all comes back after a reboot, or why that cannot be told. */
  readonly boot: BootPersistence | string;
  /** Null where the system has no such limits, or does not tell. */
  readonly inotify: InotifyUse | null;
}

/** What PM2's commands take for a name or a namespace before they take it for an id. */
export function wordsTaken({ monitors, apps }: DoctorFacts): readonly string[] {
  const processes = [...monitors, ...apps.map(({ process }) => process)];
  return processes.flatMap(({ name, env }) => [name, String(env['namespace'])]);
}

/** What is known of one app. */
export interface AppFacts {
  readonly process: ManagedProcess;
  /** What its block says; null where it has none, or one that cannot be used. */
  readonly config: TargetConfig | null;
  readonly problems: readonly Problem[];
  /** The package manager that PM2 runs in the app's place, and the script of it; null for none. */
  readonly wrapper: Wrapper | null;
  readonly isVite: boolean;
  /** True where its vite.config says `strictPort: true`. */
  readonly isStrictByConfig: boolean;
  /** Who holds the port on which it is asked; null where that is not to be looked at. */
  readonly port: PortUse | null;
}

/** A package manager between PM2 and the app. */
export interface Wrapper {
  /** `npm`, `pnpm`, `yarn`, `bun`. */
  readonly program: string;
  /** The command that package.json has for the script that is run; null where it is not known. */
  readonly command: string | null;
}

/** Another app of the same PM2, or PM2's daemon itself, which listens for apps in cluster mode. */
export interface Neighbour {
  readonly pid: number;
  /** Null for the daemon. */
  readonly app: { readonly name: string; readonly pmId: number } | null;
}

/** Who listens on the port at which the app is asked. */
export interface PortUse {
  readonly port: number;
  /** Where it is asked. */
  readonly addresses: readonly string[];
  /** As the monitor judges it. */
  readonly holder: PortHolder;
  /** Whether anybody listens there, on whatever address; null is not known. */
  readonly isHeld: boolean | null;
  /** Those who listen there and are not of the app's tree. */
  readonly others: readonly number[];
  /** What else of this PM2 listens there; absent where nothing does. */
  readonly neighbours?: readonly Neighbour[];
  /** The addresses at which the app itself has this port, and the other ports that it has. */
  readonly ownAddresses: readonly string[];
  readonly otherPorts: readonly number[];
}
