import { AppFiles } from '../../src/diagnosis/app-files.ts';
import { Installers } from '../../src/diagnosis/deploy/installers.ts';
import { BoundedFiles } from '../../src/os/bounded-files.ts';
import { createOsReader } from '../../src/os/create-reader.ts';
import { systemClock as clock } from '../../src/time/clock.ts';

/** The files of an app of which nothing is known. */
export function noAppFiles(): AppFiles {
  const reader = createOsReader('aix');
  const files = new BoundedFiles(clock);
  const installers = new Installers({ reader, files, clock });
  return new AppFiles({
    clock,
    reader,
    files,
    installers,
    keptOut: { portsTaken: () => [] },
    processOf: () => undefined,
  });
}
