/** What was measured of the host beside the apps; null where it is not known. */
export interface HostFigures {
  readonly daemonBytes: number | null;
  /** How long PM2's list took, in milliseconds: the median of the last few. */
  readonly listMs: number | null;
  /** Room on the fullest of the disks that PM2 and the apps' logs write to. */
  readonly freeBytes: number | null;
  /** True while apps run that are not in PM2's saved list. */
  readonly isSavedListStale: boolean;
}
