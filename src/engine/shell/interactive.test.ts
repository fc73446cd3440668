import { describe, expect, it } from 'vitest';
import { testMachine } from '../../testing/shell.ts';
import { TestTerminal } from '../../testing/terminal.ts';
import { textTools } from '../programs/index.ts';
import type { Completer } from './completion.ts';

const kubectl: Completer = ({ current, index }) =>
  Promise.resolve(
    index === 1 ? ['get', 'describe', 'delete'].filter((v) => v.startsWith(current)) : ['pods', 'deployments'],
  );

async function terminal(files: Record<string, string> = {}) {
  const test = testMachine(textTools, new Map([['kubectl', kubectl]]));
  for (const [path, text] of Object.entries(files))
    test.fs.writeFile(`/home/learner/work/${path}`, text, { uid: 1000, gid: 1000 });
  test.fs.writeFile('/home/learner/.bashrc', 'alias k=kubectl\n');
  const term = new TestTerminal(test);
  await term.type('', 200);
  return { test, term };
}

describe('an interactive shell', () => {
  it('runs commands and shows a prompt', async () => {
    const { term } = await terminal();
    expect(await term.type('echo hi\r')).toBe('echo hi\nhi\n$ ');
    expect(await term.type('nosuch\r')).toBe('nosuch\nbash: nosuch: command not found\n$ ');
    expect(await term.type('echo )\r')).toBe("echo )\nbash: syntax error near unexpected token `)'\n$ ");
    await term.type('exit 3\r');
    expect(term.child.status).toBe(3);
  });

  it('tells watchers which lines were run, and how they ended', async () => {
    const { test, term } = await terminal();
    const seen: [string, number][] = [];
    test.world.bus.on('command', ({ line, exit }) => void seen.push([line, exit]));
    for (const line of ['echo hi', '', 'false', 'cat <<E', 'E', 'exit 3']) await term.type(`${line}\r`);
    expect(seen).toEqual([
      ['echo hi', 0],
      ['false', 1],
      ['cat <<E\nE', 0],
      ['exit 3', 3],
    ]);
  });

  it('asks for the rest of an incomplete command', async () => {
    const { term } = await terminal();
    await term.type('for i in 1 2\r');
    await term.type('do echo $i\r');
    expect(await term.type('done\r')).toBe('done\n1\n2\n$ ');
    await term.type('cat <<E\r');
    await term.type('x\r');
    expect(await term.type('E\r')).toBe('E\nx\n$ ');
  });

  it('completes commands, files, aliases and what programs give', async () => {
    const { term } = await terminal({ 'readme.txt': 'hi\n', 'read you.md': 'x' });
    expect(await term.type('cat readm\t\r')).toContain('cat readme.txt \nhi\n');
    await term.type('cat rea\t');
    expect(await term.type('\t')).toContain('read you.md  readme.txt');
    expect(await term.type(' \t\x15cat read\\ \t\r')).toContain('cat read\\ you.md \nx');
    expect(await term.type('k g\t')).toContain('k get ');
    expect(await term.type('d\t')).toContain('deployments ');
  });

  it('recalls and searches the history', async () => {
    const { term } = await terminal();
    await term.type('echo one\r');
    await term.type('echo two\r');
    expect(await term.type('\x1b[A\x1b[A\r')).toContain('\none\n');
    expect(await term.type('\x12tw\r')).toContain('\ntwo\n');
    expect(await term.type('!!\r')).toContain('\ntwo\n');
  });

  it('edits with the usual keys, wide characters too', async () => {
    const { term } = await terminal();
    expect(await term.type('cho X\x01e\x05\x17Y\r')).toContain('\nY\n');
    expect(await term.type('echo 你好世界\x1b[D\x1b[D\x7fX\r')).toContain('\n你X世界\n');
    expect(await term.type('echo abc\x0b\x15\x19\r')).toContain('\nabc\n');
  });

  it('controls jobs', async () => {
    const { term } = await terminal();
    await term.type('sleep 50\r', 200);
    expect(await term.type('\x1a')).toBe('^Z\n[1]+  Stopped                 sleep 50\n$ ');
    expect(await term.type('bg\r')).toBe('bg\n[1]+ sleep 50 &\n$ ');
    expect(await term.type('jobs\r')).toContain('[1]+  Running                 sleep 50 &');
    await term.type('fg\r');
    expect(await term.type('\x03')).toBe('^C\n$ ');
    await term.type('sleep 1 &\r', 3000);
    expect(await term.type('\r')).toContain('[1]+  Done                    sleep 1');
  });

  it('is interrupted at any moment', async () => {
    const { term } = await terminal();
    await term.type('while true; do :; done\r', 500);
    expect(await term.type('\x03')).toBe('^C\n$ ');
    await term.type('yes > /dev/null\r', 500);
    expect(await term.type('\x03')).toBe('^C\n$ ');
    expect(await term.type('abc\x03')).toContain('^C\n$ ');
  });

  it('takes a paste of several lines as one command, and refuses a huge one', async () => {
    const { term } = await terminal();
    await term.type('\x1b[200~echo a\necho b\n\x1b[201~');
    expect(await term.type('\r')).toBe('\na\nb\n$ ');
    const before = Date.now();
    expect(await term.type(`\x1b[200~${'x'.repeat(10 << 20)}\x1b[201~`)).toContain('too long for the command line');
    expect(Date.now() - before).toBeLessThan(5000);
    expect(await term.type('echo alive\r')).toContain('\nalive\n');
  });

  it('gives line input to programs, and end of file by Ctrl-D', async () => {
    const { term } = await terminal();
    await term.type('cat\r');
    expect(await term.type('typed\r')).toBe('typed\ntyped\n');
    expect(await term.type('\x04')).toBe('$ ');
    await term.type('read x; echo "got $x"\r');
    expect(await term.type('abc\r')).toBe('abc\ngot abc\n$ ');
  });

  it('pages, watches and edits', async () => {
    const { term } = await terminal({ long: Array.from({ length: 100 }, (_, i) => `line ${i}`).join('\n') });
    expect(await term.type('less long\r')).toContain('line 22');
    expect(await term.type('G')).toContain('line 99');
    expect(await term.type('/line 50\r')).toContain('line 50');
    expect(await term.type('q')).toContain('$ ');
    await term.type('watch -n 1 date +%S\r', 3000);
    expect(await term.type('\x03')).toContain('$ ');
    expect(await term.type('vi x\r')).toContain('slipway: vi needs the editor pane');
  });
});
