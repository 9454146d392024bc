import { cycleText, dependencyGraph, missingText } from '../../../target/dependency-graph.ts';
import { bad, ok, type Check } from '../finding.ts';

const CHECK = 'dependsOn';
const FIX = 'correct dependsOn in the ecosystem file, then pm2 restart ecosystem.config.cjs';

/** Has PM2 every app that another one depends on, and does no app depend on itself? */
export const dependsOn: Check = ({ apps, monitors }) => {
  const watched = apps.flatMap(({ process, config }) =>
    config?.dependsOn === undefined ? [] : [{ process, config }],
  );
  if (watched.length === 0) return [];
  const processes = [...monitors, ...apps.map(({ process }) => process)];
  const all = apps.flatMap(({ process, config }) => (config === null ? [] : [{ process, config }]));
  const graph = dependencyGraph(all, processes);
  const findings = watched.flatMap(({ process, config }) => {
    const cycle = graph.cycles.get(process.pmId);
    const missing = (config.dependsOn ?? []).flatMap((each) =>
      each.kind === 'app' && graph.processesOf(each.name, process.namespace).length === 0
        ? [missingText(each.shown, processes)]
        : [],
    );
    const texts = [...(cycle === undefined ? [] : [cycleText(cycle)]), ...missing];
    return texts.map((text) => bad(CHECK, `${process.name}: ${text}`, FIX));
  });
  return findings.length > 0 ? findings : [ok(CHECK, 'every app that another one needs is there')];
};
