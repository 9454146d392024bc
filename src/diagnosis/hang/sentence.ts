import type { AgentAnswer, Frame } from '../../agent/shapes.ts';
import { durationText } from '../../text/duration-text.ts';
import type { HangFacts } from './facts.ts';

/** A thread that used more than this share of a core runs code. */
const BUSY_SHARE = 0.5;

/** Garbage collection that takes more than this share of a profile is what the app does. */
const GC_SHARE = 0.6;

const MOST_NAMED = 3;

/** What an app that does not answer was doing: one sentence, and the stack below it where there is one. */
export function hangLines(facts: HangFacts): readonly string[] {
  const stack = facts.agent?.stack ?? [];
  const shown = stack.some(isOfApp) ? withoutOwnEnd(stack) : stack;
  return [sentence(facts), ...shown.map((frame) => `at ${placeText(frame)}`)];
}

function sentence(facts: HangFacts): string {
  if (facts.state === 'stopped') return 'stopped by a signal (SIGSTOP), or by a terminal';
  if (facts.state === 'traced') return 'held by a tracer';
  if (facts.state === 'disk') return `waits for a disk or a device${channelText(facts)}`;
  const { agent } = facts;
  if (agent === null) return withoutAgent(facts);
  return agent.isBlocked ? blocked(agent, facts) : free(agent);
}

/** Without the agent, the system alone says what can be known. */
function withoutAgent(facts: HangFacts): string {
  const { share, channel, state } = facts;
  // On an overloaded machine, what runs gets little of a processor.
  if (share !== null && (share >= BUSY_SHARE || (state === 'running' && channel === null)))
    return `busy: ${percent(share)} CPU; where is not known without pm2-liveness/agent`;
  if (channel?.includes('epoll'))
    return `waits for events${childText(facts)}: nothing keeps its processor busy`;
  if (channel?.includes('futex')) return 'its main thread waits for another thread, or for a lock';
  return channel === null
    ? 'it does not answer, and the system does not show why'
    : `its main thread sleeps in a call of the system${channelText(facts)}${childText(facts)}`;
}

function blocked(agent: AgentAnswer, facts: HangFacts): string {
  const { silentMs } = agent;
  const forText =
    silentMs === null ? '' : `; its event loop has not turned for ${durationText(silentMs)}`;
  const { share, channel } = facts;
  const gcShare = agent.profile?.gcShare ?? 0;
  const where = whereText(agent.stack ?? []);
  if (gcShare >= GC_SHARE)
    return `collects garbage: ${percent(gcShare)} of its time${where && `, in ${where}`}${forText}`;
  if (channel?.includes('futex') && where !== '' && (share ?? 0) < BUSY_SHARE)
    return `waits for a lock or another thread in ${where}${forText}`;
  if (where !== '') {
    const cpu = share === null ? '' : `; ${percent(share)} CPU`;
    return `hung in ${where}${cpu}${forText}`;
  }
  if (facts.children.length > 0 && channel !== null)
    return `its main thread waits for a process that it started${childText(facts)}${forText}`;
  return channel === null
    ? `its main thread runs native code, whose place is not known${forText}`
    : `its main thread is in a call of the system that does not return${channelText(facts)}${forText}`;
}

function free({ active }: AgentAnswer): string {
  const begin = 'its event loop is free: nothing keeps it busy';
  const resources = active?.resources.filter(({ name }) => !OWN.has(name)) ?? [];
  const pending = resources.slice(0, MOST_NAMED).map(({ name, count }) => {
    const known = WORDS[name];
    return known === undefined ? `${count} ${name}` : `${count} ${known}`;
  });
  const peers = active?.peers.slice(0, MOST_NAMED).map(({ name, count }) => `${count} to ${name}`);
  const whither = peers && peers.length > 0 ? ` (open connections: ${peers.join(', ')})` : '';
  return `${begin}${pending.length > 0 ? `; pending: ${pending.join(', ')}` : ''}${whither}`;
}

/** What each process has, hung or not. */
const OWN: ReadonlySet<string> = new Set(['TCPServerWrap', 'PipeWrap', 'TTYWrap', 'MessagePort']);

const WORDS: Readonly<Record<string, string>> = {
  TCPSocketWrap: 'sockets',
  Timeout: 'timers',
  GetAddrInfoReqWrap: 'look-ups of names',
  FSReqCallback: 'calls for files',
  FSReqPromise: 'calls for files',
  ProcessWrap: 'child processes',
};

/** The innermost function of the app, and who called it; empty where none is known. */
function whereText(stack: readonly Frame[]): string {
  const [inner, caller] = stack.filter(isOfApp);
  if (inner === undefined) return stack[0] === undefined ? '' : placeText(stack[0]);
  const called = caller === undefined ? '' : `, called by ${caller.name}`;
  return `${placeText(inner)}${called}`;
}

/** False for Node's own functions and native ones. */
function isOfApp({ file }: Frame): boolean {
  return file !== '' && !file.startsWith('node:');
}

/** Node's own functions below the app's say nothing. */
function withoutOwnEnd(stack: readonly Frame[]): readonly Frame[] {
  return stack.slice(0, stack.findLastIndex(isOfApp) + 1);
}

/** `parse (src/parse.ts:41)`, as far as it is known. */
export function placeText({ name, file, line }: Frame): string {
  if (file === '') return name;
  return `${name} (${file}${line === null ? '' : `:${line}`})`;
}

function channelText({ channel }: HangFacts): string {
  return channel === null ? '' : ` (${channel})`;
}

function childText({ children }: HangFacts): string {
  return children.length === 0 ? '' : ` (${children.join(', ')})`;
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
