const reserved = new Set(
  'true false null in as break const continue else for function if import let loop package namespace return var void while'.split(
    ' ',
  ),
);

/** A property's name as rules write it (k8s.io/apiserver/pkg/cel, Escape); undefined if they can't. */
export function escapedName(name: string): string | undefined {
  if (reserved.has(name)) return `__${name}__`;
  const text = name
    .replace(/__/g, '__underscores__')
    .replace(/\./g, '__dot__')
    .replace(/-/g, '__dash__')
    .replace(/\//g, '__slash__');
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(text) ? text : undefined;
}

/** The property that a rule's name stands for. */
export function unescapedName(name: string): string {
  const [, word] = /^__([a-z]+)__$/.exec(name) ?? [];
  if (word !== undefined && reserved.has(word)) return word;
  const marks: Readonly<Record<string, string>> = { underscores: '__', dot: '.', dash: '-', slash: '/' };
  return name.replace(/__(underscores|dot|dash|slash)__/g, (_, mark: string) => marks[mark]!);
}
