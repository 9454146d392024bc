/** Node's options that take the next word of its command line as their value; of `--name=value` none is meant. */
export const NODE_OPTIONS_WITH_VALUE: ReadonlySet<string> = new Set([
  '-r',
  '--require',
  '--import',
  '-C',
  '--conditions',
  '--loader',
  '--experimental-loader',
  '--env-file',
  '--env-file-if-exists',
  '--title',
  '--disable-warning',
  '--input-type',
  '--inspect-port',
  '--unhandled-rejections',
  '--dns-result-order',
]);
