import { DaemonError, CliError } from '../../framework/errors.ts';
import { flag } from '../../framework/flags.ts';
import { familiarReference, parseReference } from '../../../../world/index.ts';
import { imageName } from '../create.ts';
import { containersOf, label, serviceOf, type ComposeCommand, type ComposeContext } from '../framework.ts';
import { ignoreGone, stopAndRemove } from '../lifecycle.ts';
import { order } from '../project/load.ts';
import type { Project } from '../project/types.ts';

interface Named {
  Id?: string;
  Name: string;
  Labels: Record<string, string> | null;
}

/** The files' project if there are files; after `-p` none are needed. */
export async function optionalProject(context: ComposeContext): Promise<Project | undefined> {
  try {
    return await context.project();
  } catch (error) {
    if (error instanceof CliError && error.message.startsWith('no configuration file')) return undefined;
    throw error;
  }
}

/** Services in reverse order of their dependencies; unknown ones first. */
export function downOrder(project: Project | undefined): (service: string) => number {
  const names = project ? order({ ...project, services: { ...project.services, ...project.disabled } }).map(({ name }) => name) : [];
  return (service) => -names.indexOf(service);
} // prettier-ignore

export const down: ComposeCommand = {
  use: 'down [OPTIONS] [SERVICES]',
  short: 'Stop and remove containers, networks',
  flags: [
    flag('remove-orphans', 'bool', 'Remove containers for services not defined in the Compose file'),
    flag('rmi', 'string', 'Remove images used by services: local, all'),
    flag('timeout,t', 'int', 'Specify a shutdown timeout in seconds'),
    flag('volumes,v', 'bool', 'Remove named volumes declared in the Compose file and anonymous volumes attached to containers'),
  ],
  execute: async (context) => {
    const { args, client, flags, progress, err } = context;
    const name = await context.projectName();
    const project = await optionalProject(context);
    const rmi = flags.string('rmi');
    if (rmi !== '' && rmi !== 'all' && rmi !== 'local') throw new CliError(`invalid value for --rmi: ${JSON.stringify(rmi)}`);
    const rank = downOrder(project);
    const known = (service: string) => !project || service in project.services || service in project.disabled;
    const rows = (await containersOf(context, name, { oneoff: true }))
      .filter((row) => (args.length > 0 ? args.includes(serviceOf(row)) : flags.bool('remove-orphans') || known(serviceOf(row))))
      .sort((a, b) => rank(serviceOf(a)) - rank(serviceOf(b)));
    const timeout = flags.given('timeout') ? flags.number('timeout') : undefined;
    for (const row of rows) await stopAndRemove(context, row, timeout, flags.bool('volumes'));
    if (args.length > 0) return;
    let any = rows.length > 0;
    const images = new Set<string>();
    if (rmi !== '' && project)
      for (const service of Object.values(project.services)) if (rmi === 'all' || service.build) images.add(familiarReference(parseReference(imageName(project, service))));
    const filters = JSON.stringify({ label: { [`${label.project}=${name}`]: true } });
    const networks = await client.json<Named[]>('GET', '/networks', { query: { filters } });
    const volumes = flags.bool('volumes') ? ((await client.json<{ Volumes: Named[] | null }>('GET', '/volumes', { query: { filters } })).Volumes ?? []) : [];
    for (const image of images) await progress.working(`Image ${image}`, 'Removing');
    for (const volume of volumes) {
      any = true;
      await progress.working(`Volume ${volume.Name}`, 'Removing');
      try {
        await client.request('DELETE', `/volumes/${encodeURIComponent(volume.Name)}`);
        await progress.done(`Volume ${volume.Name}`, 'Removed');
      } catch (error) {
        if (!(error instanceof DaemonError)) throw error;
        await progress.error(`Volume ${volume.Name}`, error.status === 409 ? 'Resource is still in use' : 'Error');
      }
    }
    for (const network of networks) {
      any = true;
      await progress.working(`Network ${network.Name}`, 'Removing');
    }
    for (const image of images) {
      any = true;
      const gone = await client.request('DELETE', `/images/${encodeURIComponent(image)}`).then(() => true, (error: unknown) => (error instanceof DaemonError ? false : Promise.reject(error as Error)));
      await progress.done(`Image ${image}`, gone ? 'Removed' : 'Resource is still in use');
    }
    for (const network of networks) {
      try {
        await client.request('DELETE', `/networks/${encodeURIComponent(network.Id ?? network.Name)}`).catch(ignoreGone);
        await progress.done(`Network ${network.Name}`, 'Removed');
      } catch (error) {
        if (!(error instanceof DaemonError)) throw error;
        await progress.error(`Network ${network.Name}`, 'Resource is still in use');
      }
    }
    if (!any) await err(`Warning: No resource found to remove for project ${JSON.stringify(name)}.\n`);
  },
}; // prettier-ignore
