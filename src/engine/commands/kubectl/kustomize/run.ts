import type { Process } from '../../../process/index.ts';
import { klogLine } from '../framework/klog.ts';
import { buildKustomization, type Built } from './build.ts';

/** Builds a directory with the files of a process; what is to be told goes to its stderr, before an error. */
export async function runKustomize(
  process: Process,
  directory: string,
  options: { rootOnly?: boolean; sorted?: boolean } = {},
): Promise<Built> {
  const { rootOnly = true, sorted = false } = options;
  const lines: string[] = [];
  const place = { fs: process.machine.fs, absolute: (path: string) => process.path(path), rootOnly };
  try {
    return buildKustomization(place, directory, {
      warn: (line) => lines.push(`${line}\n`),
      log: (message) => lines.push(klogLine(process, 'I', 'log.go:244', message)),
      sorted,
    });
  } finally {
    if (lines.length > 0) await process.printError(lines.join(''));
  }
}
