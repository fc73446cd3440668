import type { Program } from '../../process/index.ts';
import { lessonApp } from './binary.ts';
import { go } from './go.ts';
import { node, nodeEntrypoint, npm, pip, python3 } from './scripts.ts';

/** What builds and runs the lessons' programs, by the names that executable files carry. */
export const appPrograms: readonly (readonly [string, Program])[] = [
  ['go', go],
  ['lesson-app', lessonApp],
  ['node', node],
  ['node-entrypoint', nodeEntrypoint],
  ['npm', npm],
  ['pip', pip],
  ['python3', python3],
];
