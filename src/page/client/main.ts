import { startFilter } from './filter.ts';
import { startLive } from './live.ts';
import { startTimes } from './times.ts';
import { startTips } from './tips.ts';

// The page is whole without this script. With it, it stays as it is now, and its times are those of this place.
startTimes();
startTips();
const filter = startFilter();
startLive(filter);
