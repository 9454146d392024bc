// Loaded by `--import pm2-liveness/agent` before the user's app.
import { startAgent } from './start.ts';

startAgent(process.env);
