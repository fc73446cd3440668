import { Tty, type ChildProcess, type User } from '../../process/index.ts';
import { findUser, RuntimeError } from '../../runtime/index.ts';
import { Pipe, toBytes, type ByteWriter, type Duplex, type World } from '../../world/index.ts';
import type { HttpResponse } from '../../network/index.ts';
import { applianceRuntime } from '../appliances.ts';
import type { DockerEngine } from '../engine.ts';
import { badRequest, conflict, EngineError, notFound, serverError } from '../errors.ts';
import { empty, frame, hijack, json, readJson, type Json, type Route, type RouteRequest } from '../router.ts';
import type { DockerContainer } from './container.ts';
import { ociText } from './lifecycle.ts';

interface Exec {
  id: string;
  container: DockerContainer;
  argv: string[];
  tty: boolean;
  stdin: boolean;
  stdout: boolean;
  stderr: boolean;
  env: string[];
  user: string;
  workingDir: string;
  privileged: boolean;
  detachKeys: string;
  running: boolean;
  exitCode: number | null;
  pid: number;
  child: ChildProcess | undefined;
  terminal: Tty | undefined;
}

/** Programs that are run in containers besides their own. */
export class Execs {
  readonly #engine: DockerEngine;
  readonly #byId = new Map<string, Exec>();

  constructor(engine: DockerEngine) {
    this.#engine = engine;
  }

  get world(): World {
    return this.#engine.world;
  }

  find(id: string): Exec {
    const exec = this.#byId.get(id);
    if (!exec) throw notFound(`No such exec instance: ${id}`);
    return exec;
  }

  create(container: DockerContainer, body: Json): Exec {
    const argv = (body.Cmd ?? []) as string[];
    if (argv.length === 0) throw badRequest('No exec command specified');
    requireRunning(container);
    const exec: Exec = {
      id: this.world.random.stream('docker execs').hex(64),
      container,
      argv,
      tty: Boolean(body.Tty),
      stdin: Boolean(body.AttachStdin),
      stdout: Boolean(body.AttachStdout),
      stderr: Boolean(body.AttachStderr),
      env: (body.Env ?? []) as string[],
      user: String(body.User ?? ''),
      workingDir: String(body.WorkingDir ?? ''),
      privileged: Boolean(body.Privileged),
      detachKeys: String(body.DetachKeys ?? ''),
      running: false,
      exitCode: null,
      pid: 0,
      child: undefined,
      terminal: undefined,
    };
    this.#byId.set(exec.id, exec);
    container.execIds.push(exec.id);
    this.#engine.events.emit('container', `exec_create: ${argv.join(' ')}`, container.id, {
      ...container.attributes,
      execID: exec.id,
    });
    return exec;
  }

  /** Execs of a container that has ended are over. */
  containerEnded(container: DockerContainer): void {
    for (const id of container.execIds.splice(0)) {
      const exec = this.#byId.get(id);
      if (exec?.running) {
        exec.running = false;
        exec.exitCode = 137;
      }
    }
  }

  async start(exec: Exec, request: RouteRequest, detach: boolean): Promise<HttpResponse> {
    const { container } = exec;
    requireRunning(container);
    if (exec.running || exec.exitCode !== null) throw conflict(`Error: Exec command ${exec.id} has already run`);
    const user = exec.user === '' ? undefined : userOf(container, exec.user);
    await this.world.sleep(40);
    this.#engine.events.emit('container', `exec_start: ${exec.argv.join(' ')}`, container.id, {
      ...container.attributes,
      execID: exec.id,
    });
    if (detach) {
      const discard: ByteWriter = { write: () => Promise.resolve(), close: () => {} };
      this.#spawn(exec, user, { stdout: discard, stderr: discard });
      return empty(200);
    }
    return hijack(exec.tty, (connection) => this.#serve(exec, user, connection), request);
  }

  async #serve(exec: Exec, user: User | undefined, connection: Duplex): Promise<void> {
    const { writer } = connection;
    const stream = (name: 'stdout' | 'stderr'): ByteWriter => ({
      write: (data) => writer.write(exec.tty ? data : frame(name, toBytes(data))).catch(() => {}),
      close: () => {},
    });
    try {
      const input = exec.stdin ? new Pipe(this.world.queue) : undefined;
      this.#spawn(exec, user, { stdout: stream('stdout'), stderr: stream('stderr') }, input);
      if (exec.stdin) void this.#input(exec, connection, input!);
    } catch (error) {
      if (!(error instanceof RuntimeError)) throw error;
      exec.exitCode = /executable file not found|no such file or directory/.test(error.message) ? 127 : 126;
      const text = error.message.replace(error.detail, ociText(error.detail));
      await stream('stdout').write(`${text}\r\n`);
      writer.close();
      return;
    }
    await exec.child!.wait();
    writer.close();
  }

  async #input(exec: Exec, connection: Duplex, input: Pipe): Promise<void> {
    for (;;) {
      const data = await connection.reader.read().catch(() => undefined);
      if (!data) break;
      if (exec.terminal) exec.terminal.input(data);
      else await input.writer.write(data).catch(() => {});
    }
    input.writer.close();
  }

  /** @throws RuntimeError when it can't be executed */
  #spawn(exec: Exec, user: User | undefined, output: { stdout: ByteWriter; stderr: ByteWriter }, input?: Pipe): void {
    const { container, argv } = exec;
    const runtime = container.appliance ? applianceRuntime(container.appliance) : container.runtime!;
    const environment = new Map([
      ['PATH', '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
      ['HOSTNAME', runtime.machine.hostname],
    ]);
    if (exec.tty) environment.set('TERM', 'xterm');
    for (const entry of [...container.config.Env, ...exec.env]) {
      const at = entry.indexOf('=');
      if (at > 0) environment.set(entry.slice(0, at), entry.slice(at + 1));
    }
    if (!environment.has('HOME')) environment.set('HOME', (user ?? userOf(container, container.config.User)).home);
    const cwd = exec.workingDir || container.config.WorkingDir || '/';
    const { fs, processes } = runtime.machine;
    if (fs.lookup(cwd)?.type !== 'directory') {
      const detail = `chdir to cwd ("${cwd}") set in config.json failed: no such file or directory`;
      throw new RuntimeError(
        `OCI runtime exec failed: exec failed: unable to start container process: ${detail}`,
        detail,
      );
    }
    if (exec.tty) {
      exec.terminal = new Tty(this.world, '/dev/pts/1', (bytes) => void output.stdout.write(bytes));
      exec.terminal.onSignal = (group, signal) => void processes.signal(-group, signal);
    }
    const terminal = exec.terminal;
    const child = runtime.exec(argv, {
      env: environment,
      cwd,
      ...(user ? { user } : {}),
      ...(terminal
        ? {
            tty: terminal,
            stdin: terminal.reader,
            stdout: terminal.writer,
            stderr: terminal.writer,
            isatty: { stdin: true, stdout: true, stderr: true },
          }
        : { stdout: output.stdout, stderr: output.stderr, ...(input ? { stdin: input.reader } : {}) }),
    });
    if (terminal) terminal.foregroundGroup = child.group;
    exec.child = child;
    exec.running = true;
    exec.pid = this.#engine.nextPid();
    void child.wait().then((status) => {
      exec.running = false;
      exec.exitCode = status;
      const at = container.execIds.indexOf(exec.id);
      if (at >= 0) container.execIds.splice(at, 1);
      this.#engine.events.emit('container', 'exec_die', container.id, {
        ...container.attributes,
        execID: exec.id,
        exitCode: String(status),
      });
    });
  }

  resize(exec: Exec, rows: number, columns: number): void {
    exec.terminal?.resize(rows, columns);
  }
}

function requireRunning(container: DockerContainer): void {
  if (!container.running) throw conflict(`container ${container.id} is not running`);
  if (container.paused) throw conflict(`Container ${container.name} is paused, unpause the container before exec`);
  if (container.restarting)
    throw conflict(`Container ${container.name} is restarting, wait until the container is running`);
}

/** @throws EngineError 400 for a user that the container doesn't know */
function userOf(container: DockerContainer, spec: string): User {
  try {
    if (container.appliance) return findUser(container.appliance.machine.fs, spec);
    return container.runtime?.userOf(spec) ?? findUser(container.files, spec);
  } catch (error) {
    if (!(error instanceof RuntimeError)) throw error;
    throw badRequest(error.message);
  }
}

export function execRoutes(engine: DockerEngine): Route[] {
  return [
    {
      method: 'POST',
      pattern: '/containers/{id}/exec',
      handle: async (request) => {
        const container = engine.containers.find(request.params.id!);
        return json(
          { Id: engine.execs.create(nameFor(container, request.params.id!), await readJson(request)).id },
          201,
        );
      },
    },
    {
      method: 'POST',
      pattern: '/exec/{id}/start',
      handle: async (request) => {
        const body = await readJson(request);
        return engine.execs.start(engine.execs.find(request.params.id!), request, Boolean(body.Detach));
      },
    },
    {
      method: 'POST',
      pattern: '/exec/{id}/resize',
      handle: ({ params, query }) => {
        engine.execs.resize(engine.execs.find(params.id!), query.int('h') ?? 24, query.int('w') ?? 80);
        return empty(200);
      },
    },
    {
      method: 'GET',
      pattern: '/exec/{id}/json',
      handle: ({ params }) => {
        const exec = engine.execs.find(params.id!);
        return json({
          ID: exec.id,
          Running: exec.running,
          ExitCode: exec.exitCode,
          ProcessConfig: {
            tty: exec.tty,
            entrypoint: exec.argv[0],
            arguments: exec.argv.slice(1),
            privileged: exec.privileged,
            ...(exec.user ? { user: exec.user } : {}),
          },
          OpenStdin: exec.stdin,
          OpenStderr: exec.stderr,
          OpenStdout: exec.stdout,
          CanRemove: !exec.running,
          ContainerID: exec.container.id,
          DetachKeys: exec.detachKeys,
          Pid: exec.pid,
        });
      },
    },
  ];
}

function nameFor(container: DockerContainer, _asked: string): DockerContainer {
  return container;
}

export { EngineError, serverError };
