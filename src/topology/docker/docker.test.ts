import { describe, expect, it } from 'vitest';
import { layoutDocker, type Box } from './layout.ts';
import { dockerTopology, registryOf } from './model.ts';

const network = (name: string, subnet = '', more = {}) => ({
  Id: `id of ${name}`,
  Name: name,
  Driver: name === 'host' ? 'host' : name === 'none' ? 'null' : 'bridge',
  IPAM: { Config: subnet === '' ? null : [{ Subnet: subnet }] },
  Internal: false,
  ...more,
});

const container = (name: string, mode: string, networks: Record<string, string>, more = {}) => ({
  Id: `id of ${name}`,
  Names: [`/${name}`],
  Image: 'nginx',
  ImageID: 'sha256:nginx',
  Command: 'nginx',
  State: 'running',
  Status: 'Up 3 seconds',
  Ports: [],
  HostConfig: { NetworkMode: mode },
  NetworkSettings: { Networks: Object.fromEntries(Object.entries(networks).map(([n, ip]) => [n, { IPAddress: ip }])) },
  Mounts: [],
  ...more,
});

const answers = {
  networks: [network('none'), network('host'), network('shop', '172.18.0.0/16'), network('bridge', '172.17.0.0/16')],
  containers: [
    container('web', 'shop', { bridge: '172.17.0.2', shop: '172.18.0.3' }, {
      Ports: [
        { IP: '0.0.0.0', PrivatePort: 80, PublicPort: 8080, Type: 'tcp' },
        { IP: '::', PrivatePort: 80, PublicPort: 8080, Type: 'tcp' },
        { PrivatePort: 443, Type: 'tcp' },
      ],
    }),
    container('db', 'shop', { shop: '172.18.0.2' }, { Status: 'Up 3 seconds (healthy)' }),
    container('old', 'bridge', { bridge: '' }, { State: 'exited', Status: 'Exited (137) 2 minutes ago' }),
  ],
  images: [
    { Id: 'sha256:nginx', RepoTags: ['nginx:latest'], RepoDigests: ['nginx@sha256:1'], Size: 100, Layers: [{ digest: 'a', size: 80 }, { digest: 'b', size: 20 }] },
    { Id: 'sha256:mine', RepoTags: ['127.0.0.1:5000/shop:1'], RepoDigests: ['127.0.0.1:5000/shop@sha256:2'], Size: 90, Layers: [{ digest: 'a', size: 80 }] },
  ],
}; // prettier-ignore

describe('the picture of a Docker host', () => {
  const topology = dockerTopology(answers);

  it('has a lane for each network that is used or made by the learner, the default bridge first', () => {
    expect(topology.lanes.map(({ name, containers }) => [name, containers])).toEqual([
      ['bridge', ['id of old']],
      ['shop', ['id of db', 'id of web']],
    ]);
    expect(topology.lanes.map(({ resolvesNames }) => resolvesNames)).toEqual([false, true]);
  });

  it('puts a container first into the network that it was started in', () => {
    expect(topology.containers.find(({ name }) => name === 'web')!.networks.map(({ name }) => name)).toEqual([
      'shop',
      'bridge',
    ]);
  });

  it('tells how containers are', () => {
    expect(topology.containers.map(({ name, tone, exitCode }) => [name, tone, exitCode])).toEqual([
      ['db', 'healthy', undefined],
      ['old', 'failing', 137],
      ['web', 'running', undefined],
    ]);
  });

  it('shows a published port once, whatever the addresses', () => {
    expect(topology.ports).toEqual([
      { container: 'id of web', address: '', hostPort: 8080, containerPort: 80, protocol: 'tcp' },
    ]);
  });

  it('knows which layers and images are used by several', () => {
    expect(topology.images.map(({ used, layers }) => [used, layers.map(({ shared }) => shared)])).toEqual([
      [true, [true, false]],
      [false, [true]],
    ]);
  });

  it('names the registries that images came from', () => {
    expect(topology.registries).toEqual([
      { host: 'docker.io', images: ['nginx'] },
      { host: '127.0.0.1:5000', images: ['127.0.0.1:5000/shop'] },
    ]);
    expect(registryOf('library/nginx')).toBe('docker.io');
    expect(registryOf('localhost/x')).toBe('localhost');
  });

  for (const width of [320, 700, 1600])
    it(`lays everything out inside, nothing upon another, at ${width} pixels`, () => {
      const layout = layoutDocker(topology, width);
      const inside = (a: Box, b: Box) =>
        a.x >= b.x && a.y >= b.y && a.x + a.width <= b.x + b.width + 0.1 && a.y + a.height <= b.y + b.height + 0.1;
      const apart = (a: Box, b: Box) =>
        a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y;
      for (const lane of topology.lanes)
        for (const id of lane.containers)
          expect(inside(layout.containers.get(id)!, layout.lanes.get(lane.name)!), id).toBe(true);
      const boxes = [...layout.lanes.values(), layout.shelf];
      boxes.forEach((a, i) => {
        expect(inside(a, layout.host)).toBe(true);
        for (const b of boxes.slice(i + 1)) expect(apart(a, b)).toBe(true);
      });
      const containers = [...layout.containers.values()];
      containers.forEach((a, i) => containers.slice(i + 1).forEach((b) => expect(apart(a, b)).toBe(true)));
      for (const { box } of layout.images.values()) expect(inside(box, layout.shelf)).toBe(true);
      expect(layout.lines.map(({ kind }) => kind)).toEqual(['port', 'network']);
    });

  it('is there for an empty host', () => {
    const layout = layoutDocker(dockerTopology({ containers: [], networks: [network('bridge')], images: [] }), 600);
    expect(layout.host.height).toBeGreaterThan(0);
    expect(layout.lines).toEqual([]);
  });
});
