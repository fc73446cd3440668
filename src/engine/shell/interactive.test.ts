import { describe, expect, it } from 'vitest';
import { Network } from '../network/index.ts';
import { createMachine, Tty, type ChildProcess, type Program } from '../process/index.ts';
import { FileSystem, pump, World } from '../world/index.ts';
import { createShells, type Completers } from './index.ts';

const hop = () => new Promise<void>((resolve) => setImmediate(resolve));

/** An interactive bash on a terminal, and what the terminal shows. */
class Terminal {
  readonly world = new World({ seed: 1, epoch: 0 });
  readonly fs = new FileSystem({ now: () => 0 });
  readonly tty: Tty;
  readonly shell: ChildProcess;
  output = '';

  constructor(programs: Record<string, Program> = {}, completers: Completers = new Map()) {
    const network = new Network(this.world);
    this.fs.mkdir('/home/learner/work', { recursive: true });
    this.fs.mkdir('/usr/bin', { recursive: true });
    this.fs.writeFile('/home/learner/.bashrc', "PS1='$ '\nalias k=tool\n");
    this.fs.writeFile('/home/learner/work/web.yaml', 'x\n');
    this.fs.writeFile('/home/learner/work/with space.txt', 'x\n');
    const all = new Map<string, Program>([...createShells(completers), ...Object.entries(programs)]);
    for (const name of all.keys()) this.fs.writeFile(`/usr/bin/${name}`, '', { mode: 0o755, program: name });
    const machine = createMachine({
      world: this.world,
      network,
      hostname: 'laptop',
      fs: this.fs,
      net: network.addNamespace('laptop'),
      programs: all,
    });
    this.tty = new Tty(this.world, 'tty1', (bytes) => (this.output += new TextDecoder().decode(bytes)));
    this.tty.onSignal = (group, signal) => void machine.processes.signal(-group, signal);
    this.shell = machine.processes.start(['bash', '-i'], {
      env: new Map([
        ['HOME', '/home/learner'],
        ['PATH', '/usr/bin'],
      ]),
      cwd: '/home/learner/work',
      tty: this.tty,
      stdin: this.tty.reader,
      stdout: this.tty.writer,
      stderr: this.tty.writer,
      isatty: { stdin: true, stdout: true, stderr: true },
      group: 'new',
    });
    this.tty.foregroundGroup = this.shell.group;
  }

  /** Types and lets the world run for a second. @returns what came out, without escape sequences */
  async type(keys: string, ms = 1_000): Promise<string> {
    this.output = '';
    this.tty.input(keys);
    await this.run(ms);
    return this.output.replace(/\x1b\[[0-9;?]*[A-Za-z]/g, '');
  }

  async run(ms = 1_000): Promise<void> {
    await pump(this.world.queue, hop, { until: this.world.queue.now + ms });
  }
}

async function start(programs?: Record<string, Program>, completers?: Completers): Promise<Terminal> {
  const terminal = new Terminal(programs, completers);
  await terminal.run();
  return terminal;
}

const forever: Program = async (process) => {
  for (;;) await process.sleep(1_000);
};

describe('an interactive shell', () => {
  it('prompts, runs lines, keeps state', async () => {
    const t = await start();
    expect(await t.type('x=5; echo $((x+1))\r')).toContain('\r\n6\r\n$ ');
    expect(await t.type('echo $x\r')).toContain('\r\n5\r\n');
  });

  it('edits: arrows, words, kill and yank, double width', async () => {
    const t = await start();
    expect(await t.type('echo ac\x1b[Db\r')).toContain('\r\nabc\r\n');
    expect(await t.type('one two\x17\x01echo \x05\x19\r')).toContain('\r\none two\r\n');
    expect(await t.type('echo 你好吗\x1b[D\x7f\r')).toContain('\r\n你吗\r\n');
  });

  it('has history, and searches it with Ctrl-R', async () => {
    const t = await start();
    await t.type('echo first\r');
    await t.type('echo second\r');
    expect(await t.type('\x1b[A\x1b[A\r')).toContain('\r\nfirst\r\n');
    expect(await t.type('\x12sec\r')).toContain('\r\nsecond\r\n');
    expect(await t.type('!!\r')).toContain('\r\nsecond\r\n');
  });

  it('asks for the rest of an incomplete command', async () => {
    const t = await start();
    expect(await t.type('for i in 1 2; do\r')).toContain('> ');
    expect(await t.type('echo n$i\rdone\r')).toContain('\r\nn1\r\nn2\r\n');
  });

  it('takes a paste of several lines as it is', async () => {
    const t = await start();
    const out = await t.type('\x1b[200~cat() { echo cat $1; }\ncat <<X\rX\r\ncat two\x1b[201~\r');
    expect(out).toContain('cat two');
    expect(out).not.toContain('>');
  });

  it('refuses a paste of ten megabytes, and goes on', async () => {
    const t = await start();
    expect(await t.type(`\x1b[200~${'x'.repeat(10_000_000)}\x1b[201~`)).toContain('slipway: a command line takes');
    expect(await t.type('\x15echo alive\r')).toContain('\r\nalive\r\n');
  });

  it('Ctrl-C ends what runs: a program, a loop, a line', async () => {
    const t = await start({ forever });
    await t.type('forever\r');
    expect(await t.type('\x03')).toMatch(/\^C\r\n\$ $/);
    await t.type('while true; do :; done\r', 50);
    expect(await t.type('\x03')).toMatch(/\$ $/);
    expect(await t.type('echo $?\r')).toContain('130');
    expect(await t.type('abc\x03')).toContain('^C');
    expect(await t.type('echo ok\r')).toContain('\r\nok\r\n');
  });

  it('Ctrl-Z stops a job; fg and bg go on with it', async () => {
    const t = await start({ forever });
    await t.type('forever\r');
    expect(await t.type('\x1a')).toContain('[1]+  Stopped                 forever');
    expect(await t.type('bg\r')).toContain('[1]+ forever &');
    expect((await t.type('kill %1\r')) + (await t.type('\r'))).toContain('[1]+  Terminated');
  });

  it('Ctrl-D ends it; history is kept in its file', async () => {
    const t = await start();
    await t.type('echo kept\r');
    await t.type('\x04');
    expect(t.shell.status).toBe(0);
    expect(t.fs.readText('/home/learner/.bash_history')).toBe('echo kept\n');
  });

  it('tells the world which lines were run', async () => {
    const t = await start();
    const lines: [string, number][] = [];
    t.world.bus.on('command', ({ line, exit }) => lines.push([line, exit]));
    await t.type('echo a\r');
    await t.type('nosuch\r');
    expect(lines).toEqual([
      ['echo a', 0],
      ['nosuch', 127],
    ]);
  });
});

describe('Tab', () => {
  const completers: Completers = new Map([
    [
      'tool',
      async ({ words, index, current }) => (index === 1 ? ['get', 'delete', 'describe'] : [`${words[1]}-${current}x`]),
    ],
  ]);

  it('completes commands, files, variables', async () => {
    const t = await start();
    expect(await t.type('ech\t hi\r')).toContain('\r\nhi\r\n');
    expect(await t.type('echo we\t\r')).toContain('\r\nweb.yaml\r\n');
    expect(await t.type('echo with\t\r')).toContain('\r\nwith space.txt\r\n');
    expect(await t.type('echo "with\t\r')).toContain('\r\nwith space.txt\r\n');
    expect(await t.type('echo $HOM\t\r')).toContain('\r\n/home/learner\r\n');
    expect(await t.type('echo a > web\t\recho $(< web.yaml)\r')).toContain('\r\na\r\n');
  });

  it('asks the program, through its alias too; the second Tab lists', async () => {
    const tool: Program = async (process) => {
      await process.print(`${process.argv.join(' ')}\n`);
      return 0;
    };
    const t = await start({ tool }, completers);
    expect(await t.type('k g\t\r')).toContain('tool get\r\n');
    expect(await t.type('echo; tool de\t\t')).toMatch(/delete +describe/);
  });
});
