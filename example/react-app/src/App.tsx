import { useEffect } from 'react';

import { Notebook } from './notebook/notebook.tsx';
import { ServerIndicator } from './server-status/server-indicator.tsx';
import { ServerPanel } from './server-status/server-panel.tsx';
import { useServerStatus } from './server-status/use-server-status.ts';
import './styles/app.css';

/** The whole page: a scratchpad, and beside it what the page has seen of its dev server. */
export function App() {
  const server = useServerStatus();

  useEffect(() => {
    document.title = server.isUp ? 'Scratchpad' : '(down) Scratchpad';
  }, [server.isUp]);

  return (
    <div className="app" data-server={server.isUp ? 'up' : 'down'}>
      <header className="app-header">
        <svg className="app-mark" viewBox="0 0 32 32" aria-hidden="true">
          <rect width="32" height="32" rx="9" />
          <path d="M5 17h5l3-8 5 14 3-8 1.5 2H27" />
        </svg>
        <div>
          <h1>Scratchpad</h1>
          <p>A dev server kept up by pm2-liveness</p>
        </div>
        <ServerIndicator server={server} />
      </header>
      <main className="app-main">
        <Notebook />
        <ServerPanel server={server} />
      </main>
    </div>
  );
}
