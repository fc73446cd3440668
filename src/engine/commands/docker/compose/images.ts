import { LineReader, parseReference } from '../../../world/index.ts';
import { readContext, sessionArchive } from '../builder/context.ts';
import { showBuild, warningTail } from '../builder/build.ts';
import { PlainPrinter } from '../builder/plain.ts';
import type { Printer, Trace } from '../builder/trace.ts';
import type { Message } from '../client/messages.ts';
import { CliError, DaemonError } from '../framework/errors.ts';
import { imageName } from './create.ts';
import type { ComposeContext } from './framework.ts';
import type { Project, Service } from './project/types.ts';

export async function imageId(context: ComposeContext, name: string): Promise<string | undefined> {
  try {
    return (await context.client.json<{ Id: string }>('GET', `/images/${encodeURIComponent(name)}/json`)).Id;
  } catch (error) {
    if (error instanceof DaemonError && error.status === 404) return undefined;
    throw error;
  }
}

/** Pulls a service's image. @throws DaemonError, CliError */
export async function pullService(context: ComposeContext, project: Project, service: Service, ignoreFailure = false): Promise<void> {
  const { client, config, progress } = context;
  const reference = parseReference(imageName(project, service));
  await progress.working(service.name, '', 'Pulling');
  try {
    const body = await client.stream('POST', '/images/create', {
      query: { fromImage: reference.repository, tag: reference.digest ?? reference.tag ?? 'latest' },
      headers: config.authHeader(reference.registry),
    });
    const reader = new LineReader(body);
    for (;;) {
      const line = await reader.next(context.process.cancel);
      if (line === undefined) break;
      if (line.trim() === '') continue;
      const message = JSON.parse(line) as Message;
      if (message.error !== undefined) throw new CliError(message.error);
      if (!message.id || !message.status || (message.progressDetail?.total ?? 0) > 0 || message.status.startsWith('Pulling from')) continue;
      await progress[message.status === 'Pull complete' || message.status === 'Already exists' ? 'done' : 'working'](message.id, '', message.status);
    }
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    await progress.error(service.name, error instanceof DaemonError ? error.reason : error.message, 'Error');
    if (ignoreFailure) return;
    throw error;
  }
  await progress.done(service.name, '', 'Pulled');
} // prettier-ignore

/** Numbers steps after those that Compose's own front end adds. */
class BakePrinter implements Printer {
  readonly #inner = new PlainPrinter(false);
  readonly #offset: number;

  constructor(offset: number) {
    this.#offset = offset;
  }

  take(trace: Trace): string {
    return this.#inner.take({ ...trace, vertex: trace.vertex + this.#offset });
  }

  end(): string {
    return this.#inner.end();
  }
}

/** Builds services' images, one after the other; the progress goes to stdout. @throws CliError */
export async function buildServices(
  context: ComposeContext,
  project: Project,
  services: readonly Service[],
  options: { noCache?: boolean; pull?: boolean; quiet?: boolean; args?: Record<string, string> } = {},
): Promise<void> {
  const { client, process, out, err, progress, globals } = context;
  if (services.length === 0) return;
  const write = options.quiet ? () => Promise.resolve() : out;
  const printer = new BakePrinter(0);
  let last = 0;
  const take = (trace: Trace) => {
    last = Math.max(last, trace.vertex);
    return printer.take(trace);
  };
  const own = async (number: number, name: string, ...status: string[]) => {
    await write(take({ vertex: number, event: 'start', name }));
    for (const text of status) await write(take({ vertex: number, event: 'status', text, done: true }));
    await write(take({ vertex: number, event: 'done', seconds: 0, cached: false }));
  };
  const definition = JSON.stringify(services.map((service) => [service.name, service.build])).length;
  await own(1, '[internal] load local bake definitions', `reading from stdin ${definition + 300}B`);
  for (const service of services) {
    const build = service.build!;
    const name = imageName(project, service);
    const local = await readContext(process, build.context, build.dockerfile === '' ? '' : `${build.context}/${build.dockerfile}`).catch((error: unknown) => {
      if (error instanceof CliError) throw new CliError(error.message.replace('unable to prepare context: ', 'unable to prepare context: '));
      throw error;
    });
    if (build.dockerfile_inline !== undefined) local.dockerfile = new TextEncoder().encode(build.dockerfile_inline);
    const first = last;
    const prefix = services.length > 1 ? `${service.name} ` : '';
    const offset: Printer = {
      take: (trace) => take({ ...trace, vertex: trace.vertex + first, ...(trace.event === 'start' ? { name: trace.name.replace(/^\[/, `[${prefix}`) } : {}) } as Trace),
      end: () => printer.end(),
    };
    const body = await client.stream('POST', '/build', {
      query: {
        version: 2,
        dockerfile: local.dockerfileName,
        t: [name, ...(build.tags ?? [])],
        buildargs: JSON.stringify({ ...Object.fromEntries(Object.entries(build.args ?? {}).map(([key, value]) => [key, value ?? process.env.get(key) ?? null])), ...options.args }),
        labels: JSON.stringify(build.labels ?? {}),
        ...(build.target ? { target: build.target } : {}),
        ...(options.noCache || build.no_cache ? { nocache: true } : {}),
        ...(options.pull || build.pull ? { pull: true } : {}),
      },
      data: sessionArchive(local, new Map()),
      headers: { 'content-type': 'application/x-tar' },
    });
    const end = await showBuild(context, body, 'plain', write, offset);
    if (end.warnings.length > 0) await write(warningTail(end.warnings, globals.bool('debug')));
    if (end.error !== undefined) {
      if (end.excerpt) await write(end.excerpt);
      throw new CliError(`target ${service.name}: failed to solve: ${end.error}`, 1);
    }
  }
  await own(last + 1, 'resolving provenance for metadata file');
  for (const service of services) await progress.done(imageName(project, service), 'Built');
  void err;
} // prettier-ignore
