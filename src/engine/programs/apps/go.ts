import type { Process, Program } from '../../process/index.ts';
import { baseName } from '../../world/index.ts';
import { binaryOf } from './binary.ts';
import { recognise } from './recognise.ts';

/** The go command: builds and runs the lessons' programs. */
export const go: Program = async (process) => {
  const [command, ...args] = process.argv.slice(1);
  switch (command) {
    case undefined:
    case 'help':
      await process.printError('Go is a tool for managing Go source code.\n\nUsage:\n\n\tgo <command> [arguments]\n');
      return 2;
    case 'version':
      await process.print(`go version go${goVersion(process)} linux/amd64\n`);
      return 0;
    case 'env':
      await process.print(args.map((name) => `${goEnv(process, name)}\n`).join(''));
      return 0;
    case 'mod':
      return mod(process, args);
    case 'build':
    case 'run':
      return build(process, command, args);
    default:
      await process.printError(
        /^(test|get|install|vet|fmt|list|generate|tool|work|clean|doc)$/.test(command)
          ? `slipway: go ${command} is not simulated\n`
          : `go ${command}: unknown command\nRun 'go help' for usage.\n`,
      );
      return /^(test|get|install|vet|fmt|list|generate|tool|work|clean|doc)$/.test(command) ? 1 : 2;
  }
};

function goVersion(process: Process): string {
  return process.env.get('GOLANG_VERSION') ?? '1.25.5';
}

function goEnv(process: Process, name: string): string {
  const values: Record<string, string> = {
    GOOS: 'linux',
    GOARCH: 'amd64',
    GOPATH: '/go',
    GOROOT: '/usr/local/go',
    CGO_ENABLED: process.env.get('CGO_ENABLED') ?? (hasCompiler(process) ? '1' : '0'),
    GOVERSION: `go${goVersion(process)}`,
  };
  return process.env.get(name) ?? values[name] ?? '';
}

/** The Debian images have gcc, Alpine's have not. */
function hasCompiler(process: Process): boolean {
  return process.machine.fs.exists('/usr/bin/gcc');
}

interface Module {
  name: string;
  requires: Map<string, string>;
}

function readText(process: Process, path: string): string | undefined {
  const node = process.machine.fs.lookup(process.path(path));
  return node?.type === 'file' ? new TextDecoder().decode(node.data) : undefined;
}

function moduleOf(process: Process): Module | undefined {
  const text = readText(process, 'go.mod');
  if (text === undefined) return undefined;
  const requires = new Map<string, string>();
  for (const [, path, version] of text.matchAll(/^\s*(?:require\s+)?([\w.-]+\.[\w.-]+\/\S+)\s+(v\S+)/gm))
    requires.set(path!, version!);
  return { name: /^module\s+(\S+)/m.exec(text)?.[1] ?? '', requires };
}

/** Fetches what go.mod requires and the module cache lacks. */
async function download(process: Process, module: Module, announce: boolean): Promise<void> {
  const { fs } = process.machine;
  for (const [path, version] of module.requires) {
    const place = `/go/pkg/mod/${path.replace(/[A-Z]/g, (c) => `!${c.toLowerCase()}`)}@${version}`;
    if (fs.exists(place)) continue;
    if (announce) await process.printError(`go: downloading ${path} ${version}\n`);
    await process.sleep(350);
    fs.mkdir(place, { recursive: true });
    fs.writeFile(`${place}/go.mod`, `module ${path}\n`);
  }
}

async function mod(process: Process, [command, ...args]: readonly string[]): Promise<number> {
  if (command === 'init') {
    if (readText(process, 'go.mod') !== undefined) {
      await process.printError(`go: ${process.path('go.mod')} already exists\n`);
      return 1;
    }
    const name = args[0] ?? baseName(process.cwd);
    process.machine.fs.writeFile(
      process.path('go.mod'),
      `module ${name}\n\ngo ${goVersion(process).split('.').slice(0, 2).join('.')}\n`,
    );
    await process.printError(`go: creating new go.mod: module ${name}\n`);
    return 0;
  }
  if (command !== 'download') {
    await process.printError(`slipway: go mod ${command ?? ''} is not simulated\n`);
    return 1;
  }
  const module = moduleOf(process);
  if (!module) return noModule(process);
  await download(process, module, args.includes('-x'));
  return 0;
}

async function noModule(process: Process): Promise<number> {
  await process.printError(
    "go: go.mod file not found in current directory or any parent directory; see 'go help modules'\n",
  );
  return 1;
}

async function build(process: Process, command: 'build' | 'run', args: readonly string[]): Promise<number> {
  let output: string | undefined;
  const operands: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!;
    if (arg === '-o') output = args[++i];
    else if (/^-(installsuffix|ldflags|tags|mod|trimpath|gcflags)$/.test(arg)) i += arg === '-trimpath' ? 0 : 1;
    else if (/^-(a|v|race|x|installsuffix=.*|ldflags=.*|tags=.*|mod=.*|buildvcs=.*)$/.test(arg)) continue;
    else if (arg.startsWith('-')) {
      await process.printError(
        `flag provided but not defined: ${arg}\nusage: go ${command} [-o output] [build flags] [packages]\nRun 'go help ${command}' for details.\n`,
      );
      return 2;
    } else operands.push(arg);
  }
  const file = operands.find((o) => o.endsWith('.go')) ?? `${operands[0] ?? '.'}/main.go`.replace(/^\.\//, '');
  const module = moduleOf(process);
  if (!module && !operands.some((o) => o.endsWith('.go'))) return noModule(process);
  const source = readText(process, file);
  if (source === undefined) {
    await process.printError(
      operands[0]?.endsWith('.go')
        ? `no required module provides package ${file}; to add it:\n\tgo get ${file}\n`
        : `no Go files in ${process.path(operands[0] ?? '.')}\n`,
    );
    return 1;
  }
  const found = recognise(source, 'go');
  if (!found) {
    await process.printError(
      `slipway: go ${command}: this program is not simulated (only the lessons' programs are, and only their texts, ports and names may be changed)\n`,
    );
    return 1;
  }
  const missing = found.app.packages.filter((p) => !module?.requires.has(p));
  if (missing.length > 0) {
    const at = (p: string) => source.split('\n').findIndex((line) => line.includes(`"${p}"`)) + 1;
    for (const p of missing) await process.printError(`${file}:${at(p)}:2: no required module provides package ${p}${module ? '; to add it:\n\tgo get ' + p : ': go.mod file not found in current directory or any parent directory; see \'go help modules\''}\n`); // prettier-ignore
    return 1;
  }
  const sums = readText(process, 'go.sum') ?? '';
  for (const p of found.app.packages)
    if (!sums.includes(`${p} ${module!.requires.get(p)} `)) {
      const line = source.split('\n').findIndex((l) => l.includes(`"${p}"`)) + 1;
      await process.printError(
        `${file}:${line}:2: missing go.sum entry for module providing package ${p}; to add:\n\tgo mod download ${p}\n`,
      );
      return 1;
    }
  if (module) await download(process, module, true);
  await process.cpu(args.includes('-a') ? 9000 : 4500, 2);
  const name =
    output ?? (operands[0]?.endsWith('.go') ? baseName(file).replace(/\.go$/, '') : baseName(module?.name ?? 'main'));
  const path =
    command === 'run'
      ? '/tmp/go-build/exe/main'
      : process.path(
          process.machine.fs.lookup(process.path(name))?.type === 'directory'
            ? `${name}/${baseName(module?.name ?? 'main')}`
            : name,
        );
  process.machine.fs.mkdir(path.replace(/\/[^/]*$/, '') || '/', { recursive: true });
  const { uid, gid } = process.user;
  process.machine.fs.writeFile(
    path,
    binaryOf(found.app.name, found.values, interpreterFor(process, found.app.network)),
    { mode: 0o755, program: 'lesson-app', uid, gid },
  );
  return command === 'build' ? 0 : process.spawn([path, ...operands.slice(1)]).wait(process.cancel);
}

/** The C library's linker that a program needs: package net uses the C library's resolver where cgo is on. */
function interpreterFor(process: Process, network: boolean): string | undefined {
  const alpine = process.machine.fs.exists('/etc/alpine-release');
  const minor = Number(goVersion(process).split('.')[1]);
  // Before 1.20 the distribution had net built with cgo already, so that it needed no compiler.
  const cgo = process.env.get('CGO_ENABLED') !== '0' && (hasCompiler(process) || minor < 20);
  if (!network || !cgo) return undefined;
  return alpine ? '/lib/ld-musl-x86_64.so.1' : '/lib64/ld-linux-x86-64.so.2';
}
