/** Who may import a package: folders and files of `src`. */
export const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  pm2: ['pm2/client.ts'],
  '@pm2/io': ['pm2/io.ts'],
  acorn: ['cli/init'],
  'es-module-lexer': ['probe/vite'],
  execa: ['probe/exec', 'notify/channel', 'cli'],
  nodemailer: ['notify/channel'],
  'string-width': ['cli', 'text'],
  ws: ['probe/websocket'],
  zod: ['config', 'guard', 'notify/outbox', 'report/schema'],
};
