import { parseOptions } from '../lib/options.ts';
import { defineTool, Lines, type Tool } from '../lib/tool.ts';

export const cat = defineTool(async (tool) => {
  const options = parseOptions(tool, {
    short: 'AbeEnstTuv',
    long: {
      'number-nonblank': 'b',
      number: 'n',
      'squeeze-blank': 's',
      'show-ends': 'E',
      'show-tabs': 'T',
      'show-all': 'A',
      'show-nonprinting': 'v',
    },
  });
  const numbering = options.has('b') ? 'nonblank' : options.has('n') ? 'all' : undefined;
  const ends = options.has('E', 'e', 'A');
  const tabs = options.has('T', 't', 'A');
  const controls = options.has('v', 'e', 't', 'A');
  const plain = !numbering && !ends && !tabs && !controls && !options.has('s');
  const state = { number: 0, blanks: 0 };
  for await (const { reader } of tool.inputs(options.operands)) {
    if (plain) {
      for (let chunk = await reader.read(tool.process.cancel); chunk; chunk = await reader.read(tool.process.cancel))
        await tool.process.stdout.write(chunk, tool.process.cancel);
      continue;
    }
    const lines = new Lines(tool, reader);
    for (let batch = await lines.batch(); batch; batch = await lines.batch()) {
      for (const line of batch) {
        state.blanks = line === '' ? state.blanks + 1 : 0;
        if (options.has('s') && state.blanks > 1) continue;
        const number =
          numbering === 'all' || (numbering && line !== '') ? `${String(++state.number).padStart(6)}\t` : '';
        let text = controls ? showControls(line) : line;
        if (tabs) text = text.replaceAll('\t', '^I');
        tool.put(`${number}${text}${lines.unterminated ? '' : ends ? '$\n' : '\n'}`);
      }
      await tool.flush();
    }
  }
});

function showControls(line: string): string {
  return line.replace(/[\0-\x08\x0b-\x1f\x7f]/g, (c) =>
    c === '\x7f' ? '^?' : '^' + String.fromCharCode(c.charCodeAt(0) + 64),
  );
}

export const tac = defineTool(async (tool) => {
  const options = parseOptions(tool, { short: 'bs:', long: { separator: 's' } });
  for await (const { reader } of tool.inputs(options.operands)) {
    const text = await tool.readText(reader);
    const lines = text.split(/(?<=\n)/);
    await tool.write(lines.reverse().join(''));
  }
});

export const rev = defineTool((tool) => perLine(tool, (line) => [...line].reverse().join('')));

async function perLine(tool: Tool, change: (line: string) => string): Promise<void> {
  for await (const { reader } of tool.inputs(parseOptions(tool, { short: '' }).operands)) {
    const lines = new Lines(tool, reader);
    for (let batch = await lines.batch(); batch; batch = await lines.batch()) {
      for (const line of batch) tool.put(change(line) + (lines.unterminated ? '' : '\n'));
      await tool.flush();
    }
  }
}
