import { CommandError } from '../framework/errors.ts';

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

/** TYPE/NAME. @throws CommandError (resource.splitResourceTypeName) */
export function splitTypeName(text: string): { type: string; name: string } {
  const [type = '', name = '', ...more] = text.split('/');
  if (more.length > 0) throw new CommandError('arguments in resource/name form may not have more than one slash');
  if (type === '' || name === '' || type.includes(','))
    throw new CommandError('arguments in resource/name form must have a single resource and name');
  return { type, name };
}

/** `a,b x` is `a/x b/x` (resource.normalizeMultipleResourcesArgs). */
export function eachTypeWithEachName(args: readonly string[]): readonly string[] {
  const [types = '', ...names] = args;
  const list = types.split(',').filter((type) => type !== '');
  if (names.length === 0 || list.length < 2) return args;
  return list.flatMap((type) => names.map((name) => `${type}/${name}`));
}
