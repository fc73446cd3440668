import { posixRegex } from '../../regex/posix.ts';
import { compilePattern } from '../../shell/pattern.ts';
import { strftime } from '../../shell/strftime.ts';
import { baseName, FsError, parentPath, type Node } from '../../world/index.ts';
import { listingDate, modeText, userName, groupName } from '../lib/format.ts';
import { runProgram } from '../lib/subprocess.ts';
import { defineTool, ToolError, type Tool } from '../lib/tool.ts';
import { inode } from './ls.ts';
import { changeMode } from './attributes.ts';

interface Visit {
  path: string;
  full: string;
  node: Node;
  depth: number;
  prune: boolean;
}

type Test = (visit: Visit) => boolean | Promise<boolean>;

export const find = defineTool(async (tool) => {
  const args = [...tool.args];
  while (args[0] && /^-[HLP]$/.test(args[0])) args.shift();
  const starts: string[] = [];
  while (args.length > 0 && !/^(-.|[()!]$)/.test(args[0]!)) starts.push(args.shift()!);
  const parser = new FindParser(tool, args);
  const test = parser.parse();
  for (const start of starts.length > 0 ? starts : ['.']) {
    const full = tool.path(start);
    const node = tool.fs.lookup(full, false);
    if (!node) await tool.complain(`‘${start}’: No such file or directory`);
    else
      await walk(
        tool,
        { path: start, full: full.length > 1 ? full.replace(/\/$/, '') : full, node, depth: 0, prune: false },
        parser,
        test,
      );
    if (parser.quit) break;
  }
  await parser.finish();
});

async function walk(tool: Tool, visit: Visit, parser: FindParser, test: Test): Promise<void> {
  if (parser.quit) return;
  const visitSelf = async () => visit.depth >= parser.minDepth && void (await test(visit));
  if (!parser.depthFirst) await visitSelf();
  if (visit.node.type === 'directory' && !visit.prune && visit.depth < parser.maxDepth) {
    const node = tool.fs.lookup(visit.full) ?? visit.node;
    let names: string[] = [];
    try {
      names = node.type === 'directory' ? tool.fs.readdir(visit.full) : [];
    } catch (error) {
      if (!(error instanceof FsError)) throw error;
    }
    for (const name of names) {
      const full = `${visit.full === '/' ? '' : visit.full}/${name}`;
      const child = tool.fs.lookup(full, false);
      if (child)
        await walk(
          tool,
          { path: `${visit.path.replace(/\/$/, '')}/${name}`, full, node: child, depth: visit.depth + 1, prune: false },
          parser,
          test,
        );
    }
  }
  if (parser.depthFirst) await visitSelf();
  await tool.flush();
}

class FindParser {
  readonly #tool: Tool;
  readonly #args: string[];
  #hasAction = false;
  readonly #batches: { argv: string[]; paths: string[]; directory: string | undefined }[] = [];
  maxDepth = Infinity;
  minDepth = 0;
  depthFirst = false;
  quit = false;

  constructor(tool: Tool, args: string[]) {
    this.#tool = tool;
    this.#args = args;
  }

  parse(): Test {
    const test: Test = this.#args.length > 0 ? this.#or() : () => true;
    if (this.#args.length > 0) throw new ToolError(`paths must precede expression: \`${this.#args[0]}'`);
    if (this.#hasAction) return test;
    return async (visit) => {
      if (await test(visit)) this.#tool.put(`${visit.path}\n`);
      return true;
    };
  }

  async finish(): Promise<void> {
    for (const batch of this.#batches)
      if (batch.paths.length > 0) await this.#run([...batch.argv, ...batch.paths], undefined);
  }

  #or(): Test {
    let left = this.#and();
    while (this.#args[0] === '-o' || this.#args[0] === '-or') {
      this.#args.shift();
      const [a, b] = [left, this.#and()];
      left = async (v) => (await a(v)) || (await b(v));
    }
    return left;
  }

  #and(): Test {
    let left = this.#not();
    while (this.#args.length > 0 && !['-o', '-or', ')'].includes(this.#args[0]!)) {
      if (this.#args[0] === '-a' || this.#args[0] === '-and') this.#args.shift();
      const [a, b] = [left, this.#not()];
      left = async (v) => (await a(v)) && (await b(v));
    }
    return left;
  }

  #not(): Test {
    if (this.#args[0] === '!' || this.#args[0] === '-not') {
      this.#args.shift();
      const test = this.#not();
      return async (v) => !(await test(v));
    }
    if (this.#args[0] === '(') {
      this.#args.shift();
      const test = this.#or();
      if (this.#args.shift() !== ')')
        throw new ToolError("invalid expression; expected to find a ')' but didn't see one.");
      return test;
    }
    return this.#primary();
  }

  #value(name: string): string {
    const value = this.#args.shift();
    if (value === undefined) throw new ToolError(`missing argument to \`${name}'`);
    return value;
  }

  #number(name: string): (n: number) => boolean {
    const text = this.#value(name);
    const match = /^([-+]?)(\d+(?:\.\d+)?)$/.exec(text);
    if (!match) throw new ToolError(`invalid argument \`${text}' to \`${name}'`);
    const wanted = Number(match[2]);
    return (n) => (match[1] === '+' ? n > wanted : match[1] === '-' ? n < wanted : n === wanted);
  }

  #pattern(text: string, ignoreCase: boolean): (s: string) => boolean {
    const pattern = compilePattern(text, ignoreCase);
    return (s) => pattern.test(s);
  }

  #primary(): Test {
    const name = this.#args.shift();
    if (name === undefined) throw new ToolError('expected an expression');
    const { fs, process } = this.#tool;
    const now = process.world.clock.now();
    switch (name) {
      case '-name':
      case '-iname': {
        const test = this.#pattern(this.#value(name), name === '-iname');
        return (v) =>
          test(
            v.path === '/'
              ? '/'
              : baseName(v.path === '.' ? '.' : v.full) === ''
                ? v.path
                : v.path === '.'
                  ? '.'
                  : baseName(v.full),
          );
      }
      case '-path':
      case '-wholename':
      case '-ipath': {
        const test = this.#pattern(this.#value(name), name === '-ipath');
        return (v) => test(v.path);
      }
      case '-regex':
      case '-iregex': {
        const regex = posixRegex(this.#value(name), { ignoreCase: name === '-iregex', within: 'text' });
        return (v) => regex.test(v.path);
      }
      case '-type': {
        const letters = this.#value(name).split(',');
        const kinds: Record<string, Node['type']> = { f: 'file', d: 'directory', l: 'symlink', c: 'device' };
        for (const l of letters) if (!'bcdpflsD'.includes(l)) throw new ToolError(`Unknown argument to -type: ${l}`);
        return (v) => letters.some((l) => kinds[l] === v.node.type);
      }
      case '-size': {
        const text = this.#value(name);
        const match = /^([-+]?)(\d+)([bcwkMG]?)$/.exec(text);
        if (!match) throw new ToolError(`Invalid argument \`${text}' to -size`);
        const unit = { c: 1, w: 2, b: 512, k: 1024, M: 1 << 20, G: 1 << 30 }[match[3] || 'b']!;
        const wanted = Number(match[2]);
        return (v) => {
          const size = Math.ceil(
            (v.node.type === 'file' ? v.node.data.length : v.node.type === 'directory' ? 4096 : 0) / unit,
          );
          return match[1] === '+' ? size > wanted : match[1] === '-' ? size < wanted : size === wanted;
        };
      }
      case '-empty':
        return (v) =>
          v.node.type === 'file' ? v.node.data.length === 0 : v.node.type === 'directory' && v.node.entries.size === 0;
      case '-mtime':
      case '-ctime':
      case '-atime': {
        const test = this.#number(name);
        return (v) => test(Math.floor((now - v.node.mtime) / 86_400_000));
      }
      case '-mmin':
      case '-cmin':
      case '-amin': {
        const test = this.#number(name);
        return (v) => test(Math.ceil((now - v.node.mtime) / 60_000));
      }
      case '-newer': {
        const other = fs.lookup(this.#tool.path(this.#value(name)));
        if (!other) throw new ToolError(`‘${name}’: No such file or directory`);
        return (v) => v.node.mtime > other.mtime;
      }
      case '-user': {
        const user = this.#value(name);
        return (v) => userName(process.machine, v.node.uid) === user || String(v.node.uid) === user;
      }
      case '-group': {
        const group = this.#value(name);
        return (v) => groupName(process.machine, v.node.gid) === group || String(v.node.gid) === group;
      }
      case '-perm': {
        const text = this.#value(name);
        const bits = changeMode(text.replace(/^[-/]/, ''), 0, false, 0);
        if (bits === undefined) throw new ToolError(`invalid mode ‘${text}’`);
        return (v) =>
          text[0] === '-'
            ? (v.node.mode & bits) === bits
            : text[0] === '/'
              ? (v.node.mode & bits) !== 0
              : (v.node.mode & 0o7777) === bits;
      }
      case '-maxdepth':
        this.maxDepth = Number(this.#value(name));
        return () => true;
      case '-mindepth':
        this.minDepth = Number(this.#value(name));
        return () => true;
      case '-depth':
        this.depthFirst = true;
        return () => true;
      case '-mount':
      case '-xdev':
      case '-noleaf':
        return () => true;
      case '-true':
        return () => true;
      case '-false':
        return () => false;
      case '-prune':
        return (v) => (v.prune = true);
      case '-print':
        return this.#action((v) => void this.#tool.put(`${v.path}\n`));
      case '-print0':
        return this.#action((v) => void this.#tool.put(`${v.path}\0`));
      case '-printf': {
        const format = this.#value(name);
        return this.#action((v) => void this.#tool.put(this.#printf(format, v)));
      }
      case '-ls':
        return this.#action(
          (v) =>
            void this.#tool.put(
              `${inode(v.full).padStart(9)} ${String(v.node.type === 'directory' ? 4 : 4).padStart(6)} ${modeText(v.node)} ${'1'.padStart(3)} ${userName(process.machine, v.node.uid).padEnd(8)} ${groupName(process.machine, v.node.gid).padEnd(8)} ${String(v.node.type === 'file' ? v.node.data.length : 4096).padStart(8)} ${listingDate(v.node.mtime, now)} ${v.path}\n`,
            ),
        );
      case '-quit':
        return this.#action(() => void (this.quit = true));
      case '-delete':
        this.depthFirst = true;
        return this.#action(async (v) => {
          try {
            fs.remove(v.full);
          } catch (error) {
            if (!(error instanceof FsError)) throw error;
            await this.#tool.complain(`cannot delete ‘${v.path}’: ${error.message}`);
          }
        });
      case '-exec':
      case '-execdir':
      case '-ok':
        return this.#exec(name);
      default:
        throw new ToolError(
          name.startsWith('-') ? `unknown predicate \`${name}'` : `paths must precede expression: \`${name}'`,
        );
    }
  }

  #action(run: (v: Visit) => void | Promise<void>): Test {
    this.#hasAction = true;
    return async (v) => {
      await run(v);
      return true;
    };
  }

  #exec(name: string): Test {
    this.#hasAction = true;
    const argv: string[] = [];
    for (;;) {
      const word = this.#args.shift();
      if (word === undefined) throw new ToolError(`missing argument to \`${name}'`);
      if (word === ';') break;
      if (word === '+' && argv.at(-1) === '{}') {
        argv.pop();
        const batch = { argv, paths: [] as string[], directory: undefined };
        this.#batches.push(batch);
        return (v) => {
          batch.paths.push(v.path);
          return true;
        };
      }
      argv.push(word);
    }
    if (argv.length === 0) throw new ToolError(`invalid argument \`;' to \`${name}'`);
    const inDirectory = name === '-execdir';
    return async (v) => {
      const path = inDirectory ? `./${baseName(v.full)}` : v.path;
      const words = argv.map((a) => a.replaceAll('{}', path));
      return (await this.#run(words, inDirectory ? parentPath(v.full) : undefined)) === 0;
    };
  }

  async #run(argv: string[], cwd: string | undefined): Promise<number> {
    await this.#tool.flush();
    return runProgram(this.#tool.process, 'find', argv, { cwd: cwd ?? this.#tool.process.cwd });
  }

  #printf(format: string, v: Visit): string {
    const { machine } = this.#tool.process;
    return format
      .replace(/\\n/g, '\n')
      .replace(/\\t/g, '\t')
      .replace(/\\0/g, '\0')
      .replace(/%(T@|TY|Tm|Td|TH|TM|TS|[pfhsmMugdyPlit%])/g, (_, code: string) => {
        switch (code) {
          case 'p':
            return v.path;
          case 'f':
            return baseName(v.full);
          case 'h':
            return v.path.includes('/') ? v.path.slice(0, v.path.lastIndexOf('/')) : '.';
          case 's':
            return String(v.node.type === 'file' ? v.node.data.length : 4096);
          case 'm':
            return (v.node.mode & 0o7777).toString(8);
          case 'M':
            return modeText(v.node);
          case 'u':
            return userName(machine, v.node.uid);
          case 'g':
            return groupName(machine, v.node.gid);
          case 'd':
            return String(v.depth);
          case 'y':
            return { file: 'f', directory: 'd', symlink: 'l', device: 'c' }[v.node.type];
          case 'P':
            return v.depth === 0 ? '' : v.path.split('/').slice(-v.depth).join('/');
          case 'l':
            return v.node.type === 'symlink' ? v.node.target : '';
          case 'i':
            return inode(v.full);
          case 't':
            return strftime('%a %b %e %H:%M:%S.%N %Y', v.node.mtime);
          case 'T@':
            return (v.node.mtime / 1000).toFixed(10);
          case '%':
            return '%';
          default:
            return strftime(`%${code[1]}`, v.node.mtime);
        }
      });
  }
}
