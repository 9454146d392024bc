import type { AppFacts } from '../facts.ts';
import { bad, ok, okIfNone, type Check, type Finding } from '../finding.ts';
import { wordsOf } from './wrapper.ts';

const CHECK = 'strictPort';
const FLAG = /(?:^|\s)--(?:strictPort|strict-port)(?:=true)?(?:\s|$)/;

/** Does each Vite keep to its port? Without the flag it takes the next where that is taken, silently. */
export const strictPort: Check = ({ apps }) => {
  const vites = apps.filter(({ isVite }) => isVite);
  if (vites.length === 0) return [ok(CHECK, 'no Vite here')];
  return okIfNone(vites.flatMap(findingOf), CHECK, 'each Vite keeps to its port');
};

function findingOf({ process, wrapper, isStrictByConfig }: AppFacts): Finding[] {
  const typed = [...wordsOf(process), wrapper?.command ?? ''].join(' ');
  if (isStrictByConfig || FLAG.test(typed)) return [];
  const isVitesOwn = /[\\/]vite\.js$/.test(String(process.env['pm_exec_path']));
  return [
    bad(
      CHECK,
      `${process.name}: Vite takes another port, without a word, where its own is taken`,
      isVitesOwn
        ? 'add --strictPort to its args'
        : 'write server: { strictPort: true } in its vite.config',
    ),
  ];
}
