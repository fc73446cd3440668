import { describe, expect, it } from 'vitest';
import { bash, testMachine } from '../../testing/shell.ts';
import { textTools } from './index.ts';
import recordings from './recordings/real-shell.json';

/**
 * What GNU bash 5.2, coreutils 9, grep, sed, findutils, diffutils, mawk and jq printed for these scripts, run with
 * `bash -c` in an empty directory.
 */
describe('scripts that the real bash and tools have run', () => {
  for (const { script, stdout, stderr, exit } of recordings as {
    script: string;
    stdout: string;
    stderr: string;
    exit: number;
  }[])
    it(script.slice(0, 100), async () => {
      const result = await bash(testMachine(textTools), script);
      const normal = {
        ...result,
        stderr: result.stderr.replace(/line (\d+): +\d+ (Killed|Terminated)/g, 'line $1: PID $2'),
      };
      expect(normal).toEqual({ stdout, stderr, exit });
    });
});
