import { jsonText } from '../../text/json-text.ts';
import { wallIso } from '../../time/iso.ts';
import { systemClock as clock } from '../../time/clock.ts';
import type { CliIo, ExitCode, ParsedArguments } from '../framework/command.ts';
import { usage } from '../framework/parse-arguments.ts';
import { askHosts, type HostAnswer } from './ask-host.ts';
import { hostLines } from './host-lines.ts';
import { hostsOf } from './hosts-file.ts';

/** Other machines are asked less often than the own one. */
const REDRAW_MS = 2_000;

/**
 * `status --host …`: one table over the monitors of several machines, by their listeners. Ends with the worst of their
 * exit codes: 0 all is well, 1 an app is not, 3 a host cannot be read, so nothing is known of it. Throws ERR_CONFIG for
 * a host or a file that cannot be used, ERR_USAGE for an app that no host watches.
 */
export async function statusOfHosts(given: ParsedArguments, io: CliIo): Promise<ExitCode> {
  const hosts = await hostsOf(given.valuesOf('host'), given.valueOf('hosts-file'));
  const ask = async (): Promise<ExitCode> => {
    const answers = narrowed(await askHosts(hosts, io.signal), given.words[0]);
    if (io.isTerminal && given.has('watch')) io.clear();
    return show(answers, given, io);
  };
  let code = await ask();
  while (given.has('watch')) {
    await clock.sleep(REDRAW_MS, io.signal);
    if (io.signal.aborted) break;
    code = await ask();
  }
  return code;
}

/** The answers with only one app; a host that does not watch it is left out. */
function narrowed(answers: readonly HostAnswer[], app: string | undefined): readonly HostAnswer[] {
  if (app === undefined) return answers;
  const found = answers.flatMap((answer): HostAnswer[] => {
    if (answer.document === null) return [answer];
    const { targets, misconfigured } = answer.document;
    const document = {
      ...answer.document,
      targets: targets.filter(({ name }) => name === app),
      misconfigured: misconfigured.filter(({ name }) => name === app),
    };
    const isThere = document.targets.length + document.misconfigured.length > 0;
    return isThere ? [{ ...answer, document }] : [];
  });
  if (found.length > 0) return found;
  throw usage(`status: no host watches an app called '${app}'`);
}

function show(answers: readonly HostAnswer[], given: ParsedArguments, io: CliIo): ExitCode {
  const { lines, code } = hostLines(answers, { ...io, wall: clock.wall() });
  if (given.has('json')) io.out(jsonText(documentOf(answers), 2));
  else for (const line of lines) io.out(line);
  return code;
}

/** What `--json` prints; fields are only added. */
interface HostsDocument {
  readonly schemaVersion: 1;
  readonly at: string;
  /** `status` is the status document of the host; null where there is none, and then `problem` says why. */
  readonly hosts: readonly {
    readonly host: string;
    readonly status: HostAnswer['document'];
    readonly problem: string | null;
  }[];
}

function documentOf(answers: readonly HostAnswer[]): HostsDocument {
  return {
    schemaVersion: 1,
    at: wallIso(clock.wall()),
    hosts: answers.map(({ host, document, problem }) => ({
      host: host.title,
      status: document,
      problem,
    })),
  };
}
