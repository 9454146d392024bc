/** PM2's callback. */
export type Callback = (error: unknown, result?: unknown) => void;

/** The part of the pm2 package that we use; its own types are wrong (FACTS, "PM2: bus and connection"). */
export interface Pm2Library {
  connect(callback: Callback): void;
  disconnect(callback: Callback): void;
  list(callback: Callback): void;
  getVersion(callback: Callback): void;
  msgProcess(message: { id: number; msg: string; opts?: string }, callback: Callback): void;
  launchBus(callback: Callback): void;
  Client: {
    client_sock?: { connected?: boolean };
    disconnectRPC: (callback?: Callback) => void;
    disconnectBus: (callback?: Callback) => void;
    /** Calls a method of the daemon. */
    executeRemote(method: string, parameter: unknown, callback: Callback): void;
    /** Makes the daemon report on its bus what was done, as PM2's own program does. */
    notifyGod(action: string, pmId: number): void;
  };
}

/** The lock of PM2's program and library against two reloads at a time. */
export interface ReloadLock {
  /** Returns more than 0 where somebody else holds it. */
  lockReload(): number | undefined;
  unlockReload(): void;
}

/** What can be done to a process. */
export type Act = 'restart' | 'reload' | 'stop' | 'delete';

/** PM2's bus, and its connection. */
export interface Bus {
  on(event: string, listener: (data: unknown) => void): void;
  off(event: string, listener: (data: unknown) => void): void;
  readonly sock: { connected?: boolean; on(event: 'connect', listener: () => void): void };
}
