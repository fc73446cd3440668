import { expect, test } from 'vitest';
import { checkDockerfile } from './check.ts';
import { completions, instructionAt } from './instructions.ts';

const check = (text: string) =>
  checkDockerfile(
    text,
    (source) => Promise.resolve(source === 'gone.txt'),
    (source) => `no ${source}`,
  );

test('unknown instructions, a missing FROM and missing sources are marked where they are', async () => {
  expect(await check('FROM a\nFOO b\n')).toEqual([
    { start: 7, end: 12, message: 'unknown instruction: FOO (did you mean FROM?)', severity: 'error' },
  ]);
  expect((await check('RUN x\n')).map(({ message }) => message)).toEqual(['no build stage in current context']);
  expect(await check('FROM a\nCOPY gone.txt here.txt /x/\n')).toEqual([
    { start: 7, end: 33, message: 'no gone.txt', severity: 'error' },
  ]);
  expect(await check('FROM a\nCOPY --from=a gone.txt /x\n')).toEqual([]);
});

test('instructions at the beginning of a line, flags and stages after it', () => {
  expect(completions('CO', 'FROM a').map(({ name }) => name)).toContain('COPY');
  expect(completions('COPY --', 'FROM a').map(({ name }) => name)).toContain('--from=');
  expect(completions('COPY --from=', 'FROM a AS build\nRUN x\n').map(({ name }) => name)).toEqual(['build']);
  expect(completions('', 'RUN a \\')).toEqual([]);
});

test('hover finds the instruction', () => {
  expect(instructionAt('  run x', 3)).toEqual({ name: 'RUN', start: 2, end: 5 });
  expect(instructionAt('run x', 5)).toBeUndefined();
});
