import { checkAccess, permission } from '../../process/index.ts';
import { FsError } from '../../world/index.ts';
import { parseOptions } from '../lib/options.ts';
import { defineTool, ToolError } from '../lib/tool.ts';

/** vi, vim and nano: they open the editor pane and end when that saves or closes the file. */
export const editor = defineTool(async (tool) => {
  const options = parseOptions(tool, {
    args: tool.args.filter((a) => !/^\+/.test(a)),
    short: 'bBcCdeEFgGhHiIKlLmMnNoOpPQrRsStTuUvwWxXyYzZ',
  });
  const { process } = tool;
  const open = process.tty?.editor;
  if (!open) throw new ToolError('', { hint: `slipway: ${tool.name} needs the editor pane` });
  if (options.operands.length === 0)
    throw new ToolError('', { hint: `slipway: ${tool.name} without a file name is not simulated` });
  for (const operand of options.operands) {
    const path = tool.path(operand);
    const node = tool.fs.lookup(path);
    if (node?.type === 'directory') throw new ToolError(`"${operand}" is a directory`);
    try {
      if (node) checkAccess(tool.fs, process.user, path, permission.read);
    } catch (error) {
      if (!(error instanceof FsError)) throw error;
      throw new ToolError(`${operand}: ${error.message}`);
    }
    const closed = open({ path, machine: process.machine, program: tool.name, cancel: process.cancel });
    if (!closed)
      throw new ToolError('', { hint: `slipway: ${tool.name} on ${process.machine.hostname} is not simulated` });
    await closed;
  }
  return 0;
});
