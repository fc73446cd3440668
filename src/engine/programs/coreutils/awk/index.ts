import { openInput } from '../../../process/index.ts';
import { parseOptions } from '../../lib/options.ts';
import { defineTool, ToolError } from '../../lib/tool.ts';
import { Awk } from './interpreter.ts';
import { AwkSyntaxError } from './lexer.ts';
import { parseAwk } from './parser.ts';
import type { AwkProgram } from './syntax.ts';
import { unescapeValue } from './text.ts';
import { fromInput } from './values.ts';

export const awk = defineTool(async (tool) => {
  const usage = 'usage: awk [-F fs][-v var=value][prog | -f progfile][file ...]';
  const options = parseOptions(tool, {
    short: 'F:f:v:',
    long: { 'field-separator=': 'F', 'file=': 'f', 'assign=': 'v' },
    stopAtOperand: true,
    status: 2,
    hint: usage,
  });
  const operands = [...options.operands];
  const sources: string[] = [];
  for (const file of options.values('f')) sources.push(await tool.readText(openInput(tool.process, file)));
  if (sources.length === 0) {
    const source = operands.shift();
    if (source === undefined) throw new ToolError('', { status: 2, hint: usage });
    sources.push(source);
  }
  let program: AwkProgram;
  try {
    program = parseAwk(sources.join('\n'));
  } catch (error) {
    if (error instanceof AwkSyntaxError) throw new ToolError(error.message, { status: 2 });
    throw error;
  }
  const awk = new Awk(tool, program);
  awk.setArguments(['awk', ...operands]);
  const separator = options.value('F');
  if (separator !== undefined) awk.setVariable('FS', separator === 't' ? '\t' : unescapeValue(separator));
  for (const assignment of options.values('v')) {
    const at = assignment.indexOf('=');
    if (at < 1) throw new ToolError(`improper assignment: -v ${assignment}`, { status: 2 });
    awk.setVariable(assignment.slice(0, at), fromInput(unescapeValue(assignment.slice(at + 1))));
  }
  return awk.run();
});
