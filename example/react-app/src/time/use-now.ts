import { useEffect, useState } from 'react';

import { wallNow } from './wall-clock.ts';

/** The wall clock in ms, for text such as "12 s ago"; renders again every `periodMs`. */
export function useNow(periodMs = 1000): number {
  const [now, setNow] = useState(() => wallNow());
  useEffect(() => {
    const timer = setInterval(() => setNow(wallNow()), periodMs);
    return () => clearInterval(timer);
  }, [periodMs]);
  return now;
}
