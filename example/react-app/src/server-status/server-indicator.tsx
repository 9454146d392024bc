import './server-indicator.css';
import type { ServerStatus } from './use-server-status.ts';

/** The live indicator; only a change of state is spoken, never the counting seconds. */
export function ServerIndicator({ server }: { readonly server: ServerStatus }) {
  return (
    <div className="indicator" role="status" aria-live="polite">
      <svg className="indicator-icon" viewBox="0 0 20 20" aria-hidden="true">
        <circle cx="10" cy="10" r="10" />
        {server.isUp ? (
          <path d="m5.8 10.4 2.9 2.9 5.6-6.2" />
        ) : (
          <path d="M6.8 6.8l6.4 6.4m0-6.4-6.4 6.4" />
        )}
      </svg>
      <span>
        <span className="indicator-label">Dev server </span>
        <strong>{server.isUp ? 'up' : 'down'}</strong>
      </span>
    </div>
  );
}
