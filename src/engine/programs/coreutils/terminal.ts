import { parseOptions } from '../lib/options.ts';
import { defineTool, ToolError } from '../lib/tool.ts';

/** stty: what a terminal is set to. */
export const stty = defineTool((tool) => {
  const options = parseOptions(tool, {
    args: tool.args.map((a) => (/^-(echo|icanon|isig|cooked|raw)$/.test(a) ? a.slice(1) + '\0off' : a)),
    short: 'agF:',
    long: { all: 'a', save: 'g', 'file=': 'F' },
  });
  const { tty, isatty } = tool.process;
  if (!tty || !isatty.stdin)
    throw new ToolError(tool.busybox ? 'standard input' : "'standard input': Inappropriate ioctl for device");
  const state = () => `${tty.raw ? '-' : ''}icanon ${tty.raw ? '-' : ''}isig ${tty.echo && !tty.raw ? '' : '-'}echo`;
  if (options.operands.length === 0) {
    const size = `rows ${tty.rows}; columns ${tty.columns};`;
    tool.put(`speed 38400 baud; ${options.has('a') ? `${size} line = 0;\n${state()}` : 'line = 0;'}\n`);
    if (!options.has('a')) tool.put(tty.raw || !tty.echo ? `${state()}\n` : '-brkint -imaxbel\n');
    return Promise.resolve();
  }
  for (let i = 0; i < options.operands.length; i++) {
    const [word, off] = options.operands[i]!.split('\0') as [string, string?];
    const number = () => {
      const value = Number(options.operands[++i]);
      if (!Number.isInteger(value)) throw new ToolError(`invalid integer argument: ‘${options.operands[i] ?? ''}’`);
      return value;
    };
    if (word === 'size') tool.put(`${tty.rows} ${tty.columns}\n`);
    else if (word === 'echo') tty.echo = off === undefined;
    else if (word === 'raw') tty.setRaw(off === undefined);
    else if (word === 'cooked' || word === 'icanon') tty.setRaw(off !== undefined);
    else if (word === 'sane') tty.restoreModes();
    else if (word === 'rows') tty.resize(number(), tty.columns);
    else if (word === 'cols' || word === 'columns') tty.resize(tty.rows, number());
    else throw new ToolError(`invalid argument ‘${word}’`);
  }
  return Promise.resolve();
});
