/** What the editor offers in Dockerfiles: instructions with a form to fill in, and words after them. */

export interface Snippet {
  name: string;
  insert: string;
}

/** Instructions by name, in the order in which a Dockerfile has them. */
export const snippets: readonly Snippet[] = [
  { name: 'FROM', insert: 'FROM ${1:image}:${2:tag}' },
  { name: 'ARG', insert: 'ARG ${1:NAME}=${2:value}' },
  { name: 'LABEL', insert: 'LABEL ${1:key}=${2:value}' },
  { name: 'WORKDIR', insert: 'WORKDIR ${1:/app}' },
  { name: 'COPY', insert: 'COPY ${1:source} ${2:destination}' },
  { name: 'ADD', insert: 'ADD ${1:source} ${2:destination}' },
  { name: 'RUN', insert: 'RUN ${1:command}' },
  { name: 'ENV', insert: 'ENV ${1:NAME}=${2:value}' },
  { name: 'EXPOSE', insert: 'EXPOSE ${1:8080}' },
  { name: 'USER', insert: 'USER ${1:user}' },
  { name: 'VOLUME', insert: 'VOLUME ["${1:/data}"]' },
  { name: 'HEALTHCHECK', insert: 'HEALTHCHECK --interval=${1:30s} CMD ${2:command}' },
  { name: 'SHELL', insert: 'SHELL ["${1:/bin/bash}", "-c"]' },
  { name: 'STOPSIGNAL', insert: 'STOPSIGNAL ${1:SIGTERM}' },
  { name: 'ONBUILD', insert: 'ONBUILD ${1:instruction}' },
  { name: 'ENTRYPOINT', insert: 'ENTRYPOINT ["${1:program}"]' },
  { name: 'CMD', insert: 'CMD ["${1:program}"]' },
];

const flags: Readonly<Record<string, readonly string[]>> = {
  FROM: ['--platform='],
  COPY: ['--from=', '--chown=', '--chmod=', '--link', '--exclude='],
  ADD: ['--chown=', '--chmod=', '--checksum=', '--link'],
  RUN: ['--mount=type=cache,target=', '--mount=type=bind,target=', '--mount=type=secret,id=', '--network=none'],
  HEALTHCHECK: ['--interval=', '--timeout=', '--start-period=', '--retries='],
};

/** What may stand at the end of `before`, the line up to the cursor; `above` are the lines before it. */
export function completions(before: string, above: string): readonly Snippet[] {
  if (/\\\s*$/.test(above.split('\n').at(-1) ?? '')) return [];
  if (/^\s*\w*$/.test(before)) return snippets;
  const [, name = '', rest = ''] = /^\s*(\w+)\s+(.*)$/.exec(before) ?? [];
  const instruction = name.toUpperCase();
  if (/--from=[\w-]*$/.test(rest)) return stages(above).map((stage) => ({ name: stage, insert: stage }));
  if (/(^|\s)--?[\w-]*$/.test(rest)) return (flags[instruction] ?? []).map((flag) => ({ name: flag, insert: flag }));
  if (instruction === 'FROM' && /^\S*$/.test(rest))
    return stages(above).map((stage) => ({ name: stage, insert: stage }));
  return [];
}

function stages(text: string): string[] {
  return [...text.matchAll(/^\s*FROM\s+(?:--\S+\s+)*\S+\s+AS\s+(\S+)/gim)].map((match) => match[1]!);
}

/** The instruction whose word the cursor is on. @param column from 0 */
export function instructionAt(line: string, column: number): { name: string; start: number; end: number } | undefined {
  const match = /^(\s*)([A-Za-z]+)(?=\s|$)/.exec(line);
  if (!match) return undefined;
  const start = match[1]!.length;
  const end = start + match[2]!.length;
  const name = match[2]!.toUpperCase();
  return column >= start && column <= end && snippets.some((s) => s.name === name) ? { name, start, end } : undefined;
}
