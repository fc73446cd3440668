/** `a, b c` is `a,b c`: a list may be spread over words. */
export function joinLists(args: readonly string[]): string[] {
  const out: string[] = [];
  for (const arg of args) {
    if (out.length > 0 && out.at(-1)!.endsWith(',')) out[out.length - 1] += arg;
    else out.push(arg);
  }
  return out;
}
