import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

// Host and port come from the command line, so PM2's ecosystem file is the one place that names them.
export default defineConfig({
  plugins: [react()],
  clearScreen: false,
});
