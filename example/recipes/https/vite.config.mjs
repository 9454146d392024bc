import { readFileSync } from 'node:fs';
import { defineConfig } from 'vite';

const read = (name) => readFileSync(`${import.meta.dirname}/${name}`);

export default defineConfig({
  server: { https: { key: read('key.pem'), cert: read('certificate.pem') } },
});
