import type { ComposeContext } from './framework.ts';
import { ensureImages, ensureNetworks, ensureVolumes } from './lifecycle.ts';
import type { Project, Service } from './project/types.ts';

/** What one container of a service needs: its image, networks and volumes. @throws CliError */
export async function createProjectParts(context: ComposeContext, project: Project, service: Service, build: boolean): Promise<void> {
  await ensureImages(context, project, [service], { services: [service.name], build });
  await ensureNetworks(context, project, [service]);
  await ensureVolumes(context, project, [service]);
} // prettier-ignore
