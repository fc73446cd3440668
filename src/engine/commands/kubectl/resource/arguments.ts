export const missingResource = `You must provide one or more resources by argument or filename.
Example resource specifications include:
   '-f rsrc.yaml'
   '--filename=rsrc.json'
   '<resource> <name>'
   '<resource>'`;

/** With `--local` there is no server to look arguments up at (resource.LocalResourceError). */
export const localResource = `you must specify resources by --filename when --local is set.
Example resource specifications include:
   '-f rsrc.yaml'
   '--filename=rsrc.json'`;

/** `a, b c` is `a,b c`: a list may be spread over words. */
export function joinLists(args: readonly string[]): string[] {
  const out: string[] = [];
  for (const arg of args) {
    if (out.length > 0 && out.at(-1)!.endsWith(',')) out[out.length - 1] += arg;
    else out.push(arg);
  }
  return out;
}
