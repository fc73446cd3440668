import { readAll } from '../../../world/index.ts';
import type { Command, Context } from '../framework/command.ts';
import type { ContainerRow } from '../container/list-format.ts';
import { CliError } from '../framework/errors.ts';
import { loadProject } from './project/load.ts';
import type { Project } from './project/types.ts';
import { ComposeProgress } from './progress.ts';

/** What a Compose command works with. */
export interface ComposeContext extends Context {
  /** The project of the files; read once. @throws CliError */
  project(): Promise<Project>;
  /** The project's name, also without files (`-p`). @throws CliError */
  projectName(): Promise<string>;
  progress: ComposeProgress;
}

export interface ComposeCommand extends Omit<Command, 'run'> {
  readonly execute: (context: ComposeContext) => Promise<void>;
}

export function composeContext(context: Context, globals: Context['flags']): ComposeContext {
  let loaded: Project | undefined;
  const project = async () => {
    if (loaded) return loaded;
    const input = globals.list('file').includes('-')
      ? await readAll(context.process.stdin, context.process.cancel)
      : undefined;
    loaded = loadProject(context.process, {
      ...(input ? { input: new TextDecoder().decode(input) } : {}),
      files: globals.list('file'),
      projectName: globals.string('project-name'),
      projectDirectory: globals.string('project-directory'),
      envFiles: globals.list('env-file'),
      profiles: globals.list('profile'),
    });
    for (const warning of loaded.warnings)
      await context.err(
        `time="${goTime(context.process.world.clock.now())}" level=warning msg=${JSON.stringify(warning)}\n`,
      );
    return loaded;
  };
  return {
    ...context,
    project,
    projectName: async () => {
      const given = globals.string('project-name') || context.process.env.get('COMPOSE_PROJECT_NAME');
      return given ? given : (await project()).name;
    },
    progress: new ComposeProgress(context, globals.string('progress') === 'quiet'),
  };
}

function goTime(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
}

export const label = {
  project: 'com.docker.compose.project',
  service: 'com.docker.compose.service',
  number: 'com.docker.compose.container-number',
  oneoff: 'com.docker.compose.oneoff',
  hash: 'com.docker.compose.config-hash',
  files: 'com.docker.compose.project.config_files',
  directory: 'com.docker.compose.project.working_dir',
  image: 'com.docker.compose.image',
  depends: 'com.docker.compose.depends_on',
  version: 'com.docker.compose.version',
  network: 'com.docker.compose.network',
  volume: 'com.docker.compose.volume',
} as const;

export const composeVersion = '2.40.3';

/** A project's containers, by service and number. */
export async function containersOf(context: ComposeContext, project: string, options: { all?: boolean; oneoff?: boolean } = {}): Promise<ContainerRow[]> {
  const labels = { [`${label.project}=${project}`]: true, ...(options.oneoff ? {} : { [`${label.oneoff}=False`]: true }) };
  const rows = await context.client.json<ContainerRow[]>('GET', '/containers/json', {
    query: { ...(options.all === false ? {} : { all: true }), filters: JSON.stringify({ label: labels }) },
  });
  return rows.sort((a, b) => compare(serviceOf(a), serviceOf(b)) || numberOf(a) - numberOf(b));
} // prettier-ignore

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
export const serviceOf = (row: ContainerRow): string => row.Labels?.[label.service] ?? '';
export const numberOf = (row: ContainerRow): number => Number(row.Labels?.[label.number] ?? 0);
export const nameOf = (row: ContainerRow): string => (row.Names[0] ?? '').replace(/^\//, '');

/** @throws CliError `no such service: x` */
export function checkServices(project: Project, names: readonly string[]): void {
  for (const name of names) if (!project.services[name] && !project.disabled[name]) throw new CliError(`no such service: ${name}`);
} // prettier-ignore
