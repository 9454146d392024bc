import { defineConfig } from 'astro/config';

// Vite 6 goes to another port when its own is taken; the probe would then ask a stranger.
export default defineConfig({ vite: { server: { strictPort: true } } });
