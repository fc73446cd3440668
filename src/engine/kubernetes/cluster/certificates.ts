import type { RandomStream } from '../../world/index.ts';

/** Something that looks like the cluster's CA certificate; nothing in the simulation verifies signatures. */
export function fakeCertificate(random: RandomStream): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
  const line = (length: number) => Array.from({ length }, () => alphabet[random.int(64)]!).join('');
  const lines = ['MIIDBTCCAe2gAwIBAgII' + line(44), ...Array.from({ length: 15 }, () => line(64)), line(46) + '=='];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}
