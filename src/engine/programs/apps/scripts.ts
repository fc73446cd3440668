import type { Process, Program } from '../../process/index.ts';
import { baseName } from '../../world/index.ts';
import { execOrFail } from '../servers/entrypoint.ts';
import {
  httpSocket,
  textResponse,
  untilSignal,
  whileListening,
  commonLogDate,
  requestTarget,
} from '../servers/service.ts';
import { recognise } from './recognise.ts';
import type { Language } from './source.ts';

/** node, python and their package tools: they run the lessons' programs, and little else. */

function readText(process: Process, path: string): string | undefined {
  const node = process.machine.fs.lookup(process.path(path));
  return node?.type === 'file' ? new TextDecoder().decode(node.data) : undefined;
}

async function notSimulated(process: Process, what: string): Promise<number> {
  await process.printError(`slipway: ${what} is not simulated\n`);
  return 1;
}

async function runScript(process: Process, file: string, language: Language, missing: string): Promise<number> {
  const source = readText(process, file);
  if (source === undefined) {
    await process.printError(missing);
    return language === 'node' ? 1 : 2;
  }
  const found = recognise(source, language);
  if (!found) return notSimulated(process, `${file}: this program`);
  const lacking = found.app.packages.find(
    (p) => !process.machine.fs.exists(`${packageDirectory(process, language)}/${p}`),
  );
  if (lacking !== undefined) {
    const line = source.split('\n').findIndex((l) => new RegExp(`^(?:import|from) ${lacking}\\b`).test(l)) + 1;
    await process.printError(
      `Traceback (most recent call last):\n  File "${process.path(file)}", line ${line}, in <module>\n    ${source.split('\n')[line - 1] ?? ''}\nModuleNotFoundError: No module named '${lacking}'\n`,
    );
    return 1;
  }
  process.memory.set(found.app.memory << 20);
  return found.app.run(process, found.values);
}

function packageDirectory(process: Process, language: Language): string {
  if (language === 'node') return `${process.cwd}/node_modules`;
  const version = (process.env.get('PYTHON_VERSION') ?? '3.14.2').split('.').slice(0, 2).join('.');
  return `/usr/local/lib/python${version}/site-packages`;
}

/** The value of `print(…)` or `console.log(…)` of literals; undefined for more. */
function printed(script: string, call: 'print' | 'console.log'): string | undefined {
  const out: string[] = [];
  for (const statement of script
    .split(/[;\n]/)
    .map((s) => s.trim())
    .filter(Boolean)) {
    const argument = new RegExp(`^${call.replace('.', '\\.')}\\((.*)\\)$`).exec(statement)?.[1]?.trim();
    const quoted = /^(["'])([^"'\\]*)\1$/.exec(argument ?? '');
    const sum = /^(\d+) ?([-+*]) ?(\d+)$/.exec(argument ?? '');
    if (quoted) out.push(quoted[2]!);
    else if (/^-?\d+(\.\d+)?$/.test(argument ?? '')) out.push(argument!);
    else if (sum)
      out.push(String(sum[2] === '+' ? Number(sum[1]) + Number(sum[3]) : sum[2] === '-' ? Number(sum[1]) - Number(sum[3]) : Number(sum[1]) * Number(sum[3]))); // prettier-ignore
    else return undefined;
  }
  return out.map((line) => `${line}\n`).join('');
}

export const node: Program = async (process) => {
  const [first, second] = process.argv.slice(1);
  const version = process.env.get('NODE_VERSION') ?? '24.12.0';
  if (first === '-v' || first === '--version') return (await process.print(`v${version}\n`), 0);
  if (first === '-e' || first === '--eval' || first === '-p') {
    const text = printed(second ?? '', 'console.log');
    if (text === undefined) return notSimulated(process, `node ${first}: this script`);
    return (await process.print(text), 0);
  }
  if (first === undefined) {
    if (!process.tty) {
      // A container without a terminal: the end of its input ends it.
      await process.stdin.read(process.cancel);
      return 0;
    }
    return notSimulated(process, "node's prompt");
  }
  if (first.startsWith('-')) return notSimulated(process, `node ${first}`);
  const file = process.machine.fs.exists(process.path(first)) ? first : `${first}.js`;
  const path = process.path(first);
  const missing = `node:internal/modules/cjs/loader:1404\n  throw err;\n  ^\n\nError: Cannot find module '${path}'\n    at node:internal/modules/cjs/loader:1401:15 {\n  code: 'MODULE_NOT_FOUND',\n  requireStack: []\n}\n\nNode.js v${version}\n`;
  return runScript(process, file, 'node', missing);
};

/** npm: installs nothing but what the lessons' programs need, and runs scripts of package.json. */
export const npm: Program = async (process) => {
  const [command, ...args] = process.argv.slice(1);
  if (command === '-v' || command === '--version') return (await process.print('11.6.2\n'), 0);
  const text = readText(process, 'package.json');
  if (command === 'start' || command === 'run' || command === 'test') {
    const name = command === 'run' ? args[0] : command;
    if (text === undefined) return noPackage(process);
    const manifest = JSON.parse(text) as { name?: string; version?: string; scripts?: Record<string, string> };
    const script = manifest.scripts?.[name ?? ''];
    if (script === undefined) {
      await process.printError(
        `npm error Missing script: "${name ?? ''}"\nnpm error\nnpm error To see a list of scripts, run:\nnpm error   npm run\n`,
      );
      return 1;
    }
    await process.print(`\n> ${manifest.name ?? ''}@${manifest.version ?? ''} ${name}\n> ${script}\n\n`);
    const child = process.spawn(['sh', '-c', script]);
    const undo = process.onSignal('SIGTERM', () => child.kill('SIGTERM'));
    const status = await child.wait(process.cancel);
    undo();
    return status;
  }
  if (command !== 'install' && command !== 'ci' && command !== 'i')
    return notSimulated(process, `npm ${command ?? ''}`);
  if (text === undefined) return command === 'ci' ? noPackage(process) : noPackage(process);
  const { dependencies = {} } = JSON.parse(text) as { dependencies?: Record<string, string> };
  const names = [...Object.keys(dependencies), ...args.filter((a) => !a.startsWith('-'))];
  if (command === 'ci' && readText(process, 'package-lock.json') === undefined) {
    await process.printError(
      'npm error code EUSAGE\nnpm error\nnpm error The `npm ci` command can only install with an existing package-lock.json or\nnpm error npm-shrinkwrap.json with lockfileVersion >= 1. Run an install with npm@5 or\nnpm error later to generate a package-lock.json file, then try again.\n',
    );
    return 1;
  }
  if (names.length > 0) return notSimulated(process, `npm install ${names.join(' ')}`);
  await process.sleep(900);
  process.machine.fs.writeFile(
    process.path('package-lock.json'),
    `${JSON.stringify({ lockfileVersion: 3, requires: true, packages: {} }, null, 2)}\n`,
  );
  await process.print('\nup to date, audited 1 package in 1s\n\nfound 0 vulnerabilities\n');
  return 0;
};

async function noPackage(process: Process): Promise<number> {
  await process.printError(
    `npm error code ENOENT\nnpm error syscall open\nnpm error path ${process.path('package.json')}\nnpm error errno -2\nnpm error enoent Could not read package.json: Error: ENOENT: no such file or directory, open '${process.path('package.json')}'\nnpm error enoent This is related to npm not being able to find a file.\n`,
  );
  return 254;
}

export const python3: Program = async (process) => {
  const [first, second, ...rest] = process.argv.slice(1).filter((a) => a !== '-u');
  const version = process.env.get('PYTHON_VERSION') ?? '3.14.2';
  if (first === '-V' || first === '--version') return (await process.print(`Python ${version}\n`), 0);
  if (first === '-c') {
    const text = printed(second ?? '', 'print');
    if (text === undefined) return notSimulated(process, 'python -c: this script');
    return (await process.print(text), 0);
  }
  if (first === '-m' && second === 'http.server') return httpServer(process, rest);
  if (first === '-m' && second === 'pip') return process.spawn(['pip', ...rest]).wait(process.cancel);
  if (first === '-m' && second === 'flask')
    return runScript(
      process,
      process.env.get('FLASK_APP') ?? 'app.py',
      'python',
      'Error: Could not locate a Flask application.\n',
    );
  if (first === undefined) {
    if (!process.tty) {
      await process.stdin.read(process.cancel);
      return 0;
    }
    return notSimulated(process, "python's prompt");
  }
  if (first.startsWith('-')) return notSimulated(process, `python ${first}`);
  return runScript(
    process,
    first,
    'python',
    `python: can't open file '${process.path(first)}': [Errno 2] No such file or directory\n`,
  );
};

/** python -m http.server [PORT]: files of the working directory. */
async function httpServer(process: Process, args: readonly string[]): Promise<number> {
  let [port, directory, bind] = [8000, process.cwd, '0.0.0.0'];
  for (let i = 0; i < args.length; i++) {
    if (args[i] === '-d' || args[i] === '--directory') directory = process.path(args[++i] ?? '');
    else if (args[i] === '-b' || args[i] === '--bind') bind = args[++i] ?? '';
    else port = Number(args[i]);
  }
  const { fs } = process.machine;
  const page = (title: string, body: string) =>
    `<!DOCTYPE HTML>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>${title}</title>\n</head>\n<body>\n${body}</body>\n</html>\n`;
  const handler: Parameters<typeof httpSocket>[1] = (request) => {
    const { path } = requestTarget(request);
    const full = `${directory}${path}`.replace(/\/+$/, '') || '/';
    const index = fs.lookup(`${full === '/' ? '' : full}/index.html`);
    const found = fs.lookup(full)?.type === 'directory' ? index : fs.lookup(full);
    const listing = fs.lookup(full)?.type === 'directory' && !index;
    const status = found || listing ? 200 : 404;
    void process.stderr.write(
      `${request.peer?.address ?? '127.0.0.1'} - - [${commonLogDate(process.world.clock.now()).replace(/:(\d\d:\d\d:\d\d).*/, ' $1')}] "${request.method} ${request.path} HTTP/1.1" ${status} -\n`,
    );
    if (found?.type === 'file')
      return {
        status,
        headers: {
          server: 'SimpleHTTP/0.6 Python/3',
          'content-type': /\.html?$/.test(full) || found === index ? 'text/html' : 'application/octet-stream',
          'content-length': String(found.data.length),
        },
        body: found.data,
      };
    if (listing)
      return textResponse(
        200,
        page(
          `Directory listing for ${path}`,
          `<h1>Directory listing for ${path}</h1>\n<hr>\n<ul>\n${fs
            .readdir(full)
            .map((n) => `<li><a href="${n}">${n}</a></li>\n`)
            .join('')}</ul>\n<hr>\n`,
        ),
        { 'content-type': 'text/html; charset=utf-8' },
      );
    return textResponse(
      404,
      page('Error response', '<h1>Error response</h1>\n<p>Error code: 404</p>\n<p>Message: File not found.</p>\n'),
      { 'content-type': 'text/html;charset=utf-8' },
    );
  };
  return whileListening(process, [{ ...httpSocket(port, handler), address: bind }], async () => {
    await process.print(`Serving HTTP on ${bind} port ${port} (http://${bind}:${port}/) ...\n`);
    await untilSignal(process, ['SIGINT']);
    await process.print('\nKeyboard interrupt received, exiting.\n');
    return 0;
  });
}

/** Packages that the lessons' programs import, with the versions of the simulated index. */
const pythonPackages: Readonly<Record<string, string>> = { flask: '3.1.2', redis: '7.1.0' };

export const pip: Program = async (process) => {
  const [command, ...args] = process.argv.slice(1);
  if (command === '--version' || command === '-V')
    return (await process.print('pip 25.3 from /usr/local/lib/python3/site-packages/pip (python 3)\n'), 0);
  if (command !== 'install') return notSimulated(process, `${baseName(process.argv[0] ?? 'pip')} ${command ?? ''}`);
  const names: string[] = [];
  for (let i = 0; i < args.length; i++) {
    if (args[i] === '-r' || args[i] === '--requirement') {
      const file = args[++i] ?? '';
      const text = readText(process, file);
      if (text === undefined) {
        await process.printError(
          `ERROR: Could not open requirements file: [Errno 2] No such file or directory: '${file}'\n`,
        );
        return 1;
      }
      names.push(
        ...text
          .split('\n')
          .map((l) => l.replace(/#.*/, '').trim())
          .filter(Boolean),
      );
    } else if (!args[i]!.startsWith('-')) names.push(args[i]!);
  }
  const installed: string[] = [];
  for (const requirement of names) {
    const name = requirement.replace(/[=<>~!\[ ].*$/, '').toLowerCase();
    const version = /==\s*([\w.]+)/.exec(requirement)?.[1] ?? pythonPackages[name];
    await process.print(`Collecting ${requirement}\n`);
    await process.sleep(400);
    if (!Object.hasOwn(pythonPackages, name)) return notSimulated(process, `the Python package ${name}`);
    await process.print(`  Downloading ${name}-${version}-py3-none-any.whl\n`);
    process.machine.fs.mkdir(`${packageDirectory(process, 'python')}/${name}`, { recursive: true });
    process.machine.fs.writeFile(
      `${packageDirectory(process, 'python')}/${name}/__init__.py`,
      `__version__ = "${version}"\n`,
    );
    installed.push(`${name}-${version}`);
  }
  if (installed.length > 0)
    await process.print(
      `Installing collected packages: ${installed.map((i) => i.replace(/-[^-]*$/, '')).join(', ')}\nSuccessfully installed ${installed.join(' ')}\n`,
    );
  return 0;
};

/** docker-entrypoint.sh of the image node: options, and files that are no programs, are for node. */
export const nodeEntrypoint: Program = (process) => {
  const command = process.argv.slice(1);
  const first = command[0] ?? '';
  const { fs } = process.machine;
  const isProgram = (process.env.get('PATH') ?? '').split(':').some((d) => fs.lookup(`${d}/${first}`)?.type === 'file');
  const forNode = first.startsWith('-') || (!first.includes('/') && !isProgram) || (fs.lookup(process.path(first))?.type === 'file' && ((fs.lookup(process.path(first))!.mode & 0o111) === 0)); // prettier-ignore
  return execOrFail(process, forNode ? ['node', ...command] : command, '/usr/local/bin/docker-entrypoint.sh: exec');
};
