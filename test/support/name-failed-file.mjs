// Loaded into the process of each test file: adds the file's path to a list when something failed in it. A test that
// a helper defines is reported under the path of the helper, which is no file to run again.
import { appendFileSync } from 'node:fs';

const list = process.env['FAILED_FILES'];
const [, file = ''] = process.argv;

if (list && /\.test\.[cm]?[jt]s$/.test(file)) {
  process.on('exit', (code) => {
    if (code !== 0) appendFileSync(list, `${file}\n`);
  });
}
