import { parseStages, type Dockerfile } from './instructions.ts';
import { parseNodes } from './nodes.ts';

/** Reads a Dockerfile. @throws DockerfileError with BuildKit's text and the lines it is about */
export function parseDockerfile(text: string): Dockerfile {
  return parseStages(parseNodes(text));
}

export { DockerfileError, type LineRange } from './error.ts';
export { instructionNames, type Dockerfile, type Instruction, type Stage } from './instructions.ts';
export { lint, type LintWarning } from './lint.ts';
export { parseNodes, type DockerfileNode, type DockerfileText } from './nodes.ts';
