import { networkInterfaces } from 'node:os';

/** The addresses of this machine's interfaces at this moment, as `ownerAt` wants them. */
export function localAddresses(): readonly string[] {
  return Object.values(networkInterfaces()).flatMap(
    (addresses) => addresses?.map(({ address }) => address) ?? [],
  );
}
