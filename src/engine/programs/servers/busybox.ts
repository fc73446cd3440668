import type { Program } from '../../process/index.ts';
import { execOrFail } from './entrypoint.ts';

/** busybox called by its own name: the first argument is the applet. */
export const busybox: Program = async (process) => {
  const [applet, ...rest] = process.argv.slice(1);
  if (applet === undefined || applet === '--help') {
    await process.print('BusyBox multi-call binary.\n\nUsage: busybox [function [arguments]...]\n');
    return 0;
  }
  const file = ['/bin', '/usr/bin', '/sbin']
    .map((d) => `${d}/${applet}`)
    .find((path) => process.machine.fs.exists(path));
  if (!file) {
    await process.printError(`${applet}: applet not found\n`);
    return 127;
  }
  return execOrFail(process, [file, ...rest], 'busybox');
};
