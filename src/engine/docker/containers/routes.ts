import type { DockerEngine } from '../engine.ts';
import { badRequest, conflict, notFound, serverError } from '../errors.ts';
import { empty, json, readJson, streaming, type Route } from '../router.ts';
import { containerChanges, inspectContainer, layerSize } from './inspect.ts';
import { createContainer } from './create.ts';
import {
  killContainer,
  pauseContainer,
  removeContainer,
  restartContainer,
  startContainer,
  stopContainer,
  unpauseContainer,
} from './lifecycle.ts';
import { listContainers, prunable } from './list.ts';
import { containerLogs } from './logs.ts';
import { containerStats, containerTop } from './stats.ts';
import type { HostConfig } from './config.ts';
import type { DockerContainer } from './container.ts';

export function containerRoutes(engine: DockerEngine): Route[] {
  const find = (id: string | undefined) => engine.containers.find(id ?? '');
  return [
    { method: 'GET', pattern: '/containers/json', handle: (request) => listContainers(engine, request) },
    {
      method: 'POST',
      pattern: '/containers/create',
      handle: async (request) => {
        const { container, warnings } = createContainer(engine, request.query.get('name'), await readJson(request));
        await engine.world.sleep(15);
        return json({ Id: container.id, Warnings: warnings }, 201);
      },
    },
    {
      method: 'POST',
      pattern: '/containers/prune',
      handle: (request) => {
        const all = prunable(engine, request);
        let reclaimed = 0;
        for (const container of all) {
          reclaimed += layerSize(container);
          removeContainer(engine, container, { force: false, volumes: false });
        }
        return json({
          ContainersDeleted: all.length > 0 ? all.map((c) => c.id).reverse() : null,
          SpaceReclaimed: reclaimed,
        });
      },
    },
    {
      method: 'GET',
      pattern: '/containers/{id}/json',
      handle: ({ params, query }) => json(inspectContainer(engine, find(params.id), query.bool('size'))),
    },
    {
      method: 'GET',
      pattern: '/containers/{id}/top',
      handle: ({ params, query }) => containerTop(engine, find(params.id), query.get('ps_args')),
    },
    {
      method: 'GET',
      pattern: '/containers/{id}/logs',
      handle: (request) => containerLogs(engine, find(request.params.id), request),
    },
    {
      method: 'GET',
      pattern: '/containers/{id}/changes',
      handle: ({ params }) => {
        const changes = containerChanges(find(params.id));
        return json(changes.length > 0 ? changes : null);
      },
    },
    {
      method: 'GET',
      pattern: '/containers/{id}/stats',
      handle: (request) => containerStats(engine, find(request.params.id), request),
    },
    {
      method: 'POST',
      pattern: '/containers/{id}/resize',
      handle: ({ params, query }) => {
        const container = find(params.id);
        const rows = query.int('h') ?? 0;
        const columns = query.int('w') ?? 0;
        if (!container.running) throw conflict(`container ${container.id} is not running`);
        container.runtime?.io.tty?.resize(rows, columns);
        return empty(200);
      },
    },
    {
      method: 'POST',
      pattern: '/containers/{id}/start',
      handle: async ({ params }) => {
        await startContainer(engine, find(params.id));
        return empty();
      },
    },
    {
      method: 'POST',
      pattern: '/containers/{id}/stop',
      handle: async ({ params, query }) => {
        await stopContainer(engine, find(params.id), query.int('t'), query.get('signal'));
        return empty();
      },
    },
    {
      method: 'POST',
      pattern: '/containers/{id}/restart',
      handle: async ({ params, query }) => {
        await restartContainer(engine, find(params.id), query.int('t'), query.get('signal'));
        return empty();
      },
    },
    {
      method: 'POST',
      pattern: '/containers/{id}/kill',
      handle: async ({ params, query }) => {
        await killContainer(engine, params.id!, query.get('signal'));
        return empty();
      },
    },
    {
      method: 'POST',
      pattern: '/containers/{id}/pause',
      handle: ({ params }) => {
        pauseContainer(engine, find(params.id));
        return empty();
      },
    },
    {
      method: 'POST',
      pattern: '/containers/{id}/unpause',
      handle: ({ params }) => {
        unpauseContainer(engine, find(params.id));
        return empty();
      },
    },
    {
      method: 'POST',
      pattern: '/containers/{id}/attach',
      handle: (request) => engine.attachments.attach(engine, find(request.params.id), request),
    },
    {
      method: 'POST',
      pattern: '/containers/{id}/wait',
      handle: (request) =>
        waitFor(engine, find(request.params.id), request.query.get('condition') || 'not-running', request.cancel),
    },
    {
      method: 'POST',
      pattern: '/containers/{id}/rename',
      handle: ({ params, query }) => {
        renameContainer(engine, find(params.id), query.get('name'));
        return empty();
      },
    },
    {
      method: 'POST',
      pattern: '/containers/{id}/update',
      handle: async (request) => {
        updateContainer(find(request.params.id), await readJson(request));
        return json({ Warnings: null });
      },
    },
    {
      method: 'DELETE',
      pattern: '/containers/{id}',
      handle: async ({ params, query }) => {
        const container = find(params.id);
        if (query.bool('link')) throw notFound(`slipway: removing links is not simulated`);
        const asked = params.id!;
        try {
          removeContainer(engine, container, { force: query.bool('force'), volumes: query.bool('v') });
        } catch (error) {
          if (error instanceof Error) error.message = error.message.replace(`"${container.name}"`, `"${asked}"`);
          throw error;
        }
        while (!container.removed) await container.changed.wait();
        return empty();
      },
    },
  ];
}

/** The header goes at once; the body comes when the condition holds. */
function waitFor(
  engine: DockerEngine,
  container: DockerContainer,
  condition: string,
  cancel: Parameters<DockerContainer['changed']['wait']>[0],
) {
  if (!['not-running', 'next-exit', 'removed'].includes(condition))
    throw badRequest(`invalid condition: "${condition}"`);
  const exits = container.exits;
  return streaming(engine.world, async (send) => {
    const done = () =>
      condition === 'removed'
        ? container.removed
        : condition === 'next-exit'
          ? container.exits > exits
          : !container.running;
    while (!done()) await container.changed.wait(cancel);
    await send(`${JSON.stringify({ StatusCode: container.exitCode })}\n`);
  });
}

function renameContainer(engine: DockerEngine, container: DockerContainer, name: string): void {
  if (name === '') throw badRequest('Neither old nor new names may be empty');
  const bare = name.replace(/^\//, '');
  if (bare === container.name) throw badRequest('Renaming a container with the same name as its current name');
  const prefix = 'Error when allocating new name: ';
  if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/.test(bare))
    throw badRequest(`${prefix}Invalid container name (/${bare}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed`);
  const owner = engine.containers.byName(bare);
  if (owner)
    throw conflict(
      `${prefix}Conflict. The container name "/${bare}" is already in use by container "${owner.id}". You have to remove (or rename) that container to be able to reuse that name.`,
    );
  const before = container.name;
  container.name = bare;
  engine.updateNames(container);
  engine.events.emit('container', 'rename', container.id, { ...container.attributes, oldName: `/${before}` });
}

function updateContainer(container: DockerContainer, body: Record<string, unknown>): void {
  const { hostConfig } = container;
  const cannot = `Cannot update container ${container.id}: `;
  if (container.removing || container.dead)
    throw conflict(`${cannot}Container is marked for removal and cannot be "update".`);
  const given = Object.fromEntries(
    Object.entries(body).filter(([, value]) => value !== 0 && value !== '' && value !== null && value !== undefined),
  ) as Partial<HostConfig>;
  const memory = given.Memory ?? hostConfig.Memory;
  const swap = given.MemorySwap ?? hostConfig.MemorySwap;
  if (given.Memory !== undefined && given.Memory < 6 * 1024 * 1024)
    throw badRequest('Minimum memory limit allowed is 6MB');
  if (given.Memory !== undefined && given.MemorySwap === undefined && hostConfig.MemorySwap > 0 && memory > swap)
    throw conflict(
      `${cannot}Memory limit should be smaller than already set memoryswap limit, update the memoryswap at the same time`,
    );
  const restart = given.RestartPolicy;
  delete given.RestartPolicy;
  if (restart && restart.Name !== '') {
    if (hostConfig.AutoRemove && restart.Name !== 'no')
      throw conflict('Restart policy cannot be updated because AutoRemove is enabled for the container');
    hostConfig.RestartPolicy = { Name: restart.Name, MaximumRetryCount: restart.MaximumRetryCount ?? 0 };
  }
  Object.assign(hostConfig, given);
  if (container.running && container.runtime) {
    const cpus = hostConfig.NanoCpus > 0 ? hostConfig.NanoCpus / 1e9 : undefined;
    container.runtime.limits = {
      ...(hostConfig.Memory > 0 ? { memory: hostConfig.Memory } : {}),
      ...(cpus === undefined ? {} : { cpus }),
      cpuShares: hostConfig.CpuShares || 1024,
    };
  }
}

export { serverError };
