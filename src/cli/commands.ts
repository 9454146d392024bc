import { check } from './check/check.ts';
import type { CliCommand } from './framework/command.ts';
import { completions } from './completions/completions.ts';
import { config } from './config/config.ts';
import { describe } from './describe/describe.ts';
import { doctor } from './doctor/doctor.ts';
import { events } from './events/events.ts';
import { exportApps } from './export/export.ts';
import { guard } from './guard/guard.ts';
import { init } from './init/init.ts';
import { pause, reset, resume } from './maintain.ts';
import { metrics } from './metrics/metrics.ts';
import { notify } from './notify/notify.ts';
import { start } from './launch/start.ts';
import { service } from './service/service.ts';
import { stack } from './stack/stack.ts';
import { status } from './status/status.ts';
import { stop } from './launch/stop.ts';
import { uptime } from './uptime-figures/uptime.ts';
import { uninstall } from './uninstall/uninstall.ts';
import { unwatch, watch } from './watch/watch.ts';

/** Every command of the program, in the order of its help. */
export const COMMANDS: readonly CliCommand[] = [
  status,
  describe,
  events,
  stack,
  uptime,
  doctor,
  notify,
  metrics,
  check,
  watch,
  unwatch,
  pause,
  resume,
  reset,
  init,
  start,
  stop,
  service,
  guard,
  uninstall,
  config,
  exportApps,
  completions,
];
