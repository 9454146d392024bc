// A reporter of Node's runner: the path of each test file in which a test failed, a line each.
// oxlint-disable-next-line import/no-default-export -- what Node's runner loads a reporter by
export default async function* failedFiles(source) {
  const failed = new Set();
  for await (const { type, data } of source) {
    if (type !== 'test:fail' || data.todo || !data.file || failed.has(data.file)) continue;
    failed.add(data.file);
    yield `${data.file}\n`;
  }
}
