import { openInput, openOutput } from '../../../process/index.ts';
import { parseOptions } from '../../lib/options.ts';
import { defineTool, ToolError, type Tool } from '../../lib/tool.ts';
import { Sed } from './run.ts';
import { ScriptParser, type Command } from './script.ts';

export const sed = defineTool(async (tool) => {
  const options = parseOptions(tool, {
    short: 'e:Ef:i::l:nrsuz',
    long: {
      'expression=': 'e',
      'regexp-extended': 'E',
      'file=': 'f',
      'in-place=?': 'i',
      quiet: 'n',
      silent: 'n',
      separate: 's',
      unbuffered: 'u',
    },
    hint: 'Usage: sed [OPTION]... {script-only-if-no-other-script} [input-file]...',
  });
  const files = [...options.operands];
  const scripts: string[] = [];
  for (const [name, value] of options.given) {
    if (name === 'e') scripts.push(value);
    if (name === 'f') scripts.push(await tool.readText(openInput(tool.process, value)));
  }
  if (scripts.length === 0) {
    const first = files.shift();
    if (first === undefined)
      throw new ToolError('', { hint: 'Usage: sed [OPTION]... {script-only-if-no-other-script} [input-file]...' });
    scripts.push(first);
  }
  const extended = options.has('E', 'r');
  const quiet = options.has('n') || scripts[0]!.startsWith('#n\n');
  const parse = () => new ScriptParser(scripts.join('\n'), 1, extended).parse();
  parse();
  if (!options.has('i')) return new Sed(tool, parse(), quiet, files.length > 0 ? files : ['-']).run();
  if (files.length === 0) throw new ToolError('no input files', { status: 4 });
  return editInPlace(tool, files, parse, quiet, options.value('i') ?? '');
});

async function editInPlace(
  tool: Tool,
  files: readonly string[],
  parse: () => Command[],
  quiet: boolean,
  suffix: string,
): Promise<number> {
  let status = 0;
  for (const file of files) {
    const path = tool.path(file);
    const node = tool.fs.lookup(path);
    if (node?.type !== 'file') {
      await tool.complain(
        node ? `couldn't edit ${file}: not a regular file` : `can't read ${file}: No such file or directory`,
        node ? 4 : 2,
      );
      continue;
    }
    let out = '';
    status = await new Sed(tool, parse(), quiet, [file], (text) => void (out += text)).run();
    if (suffix) tool.fs.putNode(suffix.includes('*') ? tool.path(suffix.replaceAll('*', file)) : path + suffix, node);
    await openOutput(tool.process, file).write(out);
    if (out === '') openOutput(tool.process, file);
  }
  return tool.status || status;
}
