import { describe, expect, it } from 'vitest';
import { ContainerRoom } from '../../../testing/containers.ts';

const image = 'registry.k8s.io/e2e-test-images/agnhost:2.57';

describe('agnhost', () => {
  it('looks at files of volumes', async () => {
    const room = new ContainerRoom();
    const volume = room.volume();
    volume.setAttributes('/', { mode: 0o1777 });
    const run = room.run('m', image, {
      cmd: [
        'mounttest',
        '--fs_type=/test-volume',
        '--new_file_0644=/test-volume/f',
        '--file_mode=/test-volume',
        '--file_perm=/test-volume/f',
        '--file_content=/test-volume/f',
      ],
      mounts: [{ path: '/test-volume', fs: volume }],
      user: '1001',
    });
    expect(await room.ended(run)).toBe(0);
    expect(run.logs()).toBe(
      'mount type of "/test-volume": 61267\nmode of file "/test-volume": dtrwxrwxrwx\nperms of file "/test-volume/f": -rw-r--r--\ncontent of file "/test-volume/f": mount-tester new file\n\n',
    );
  });

  it('serves what its environment says, and says which services are healthy', async () => {
    const room = new ContainerRoom();
    const porter = room.run('porter', image, { cmd: ['porter'], env: { SERVE_PORT_81: 'foo' } });
    const grpc = room.run('grpc', image, { cmd: ['grpc-health-checking', '--port', '5000'] });
    await room.pass(500);
    expect((await room.exec(porter, 'wget -qO- http://porter:81/')).stdout).toBe('foo');
    const result = room.network.connect(porter.container.machine.net, grpc.address, 5000);
    expect(result.outcome).toBe('connected');
    if (result.outcome !== 'connected') return;
    expect(result.listener.server.grpcHealth?.('')).toBe('SERVING');
    await room.exec(porter, 'wget -qO- http://grpc:8080/make-not-serving');
    expect(result.listener.server.grpcHealth?.('')).toBe('NOT_SERVING');
    expect(result.listener.server.grpcHealth?.('x')).toBeUndefined();
  });

  it('writes as many lines as it is told', async () => {
    const room = new ContainerRoom();
    const run = room.run('l', image, { cmd: ['logs-generator', '--log-lines-total', '5', '--run-duration', '2s'] });
    expect(await room.ended(run)).toBe(0);
    expect(run.logs().trim().split('\n')).toHaveLength(5);
    expect(run.logs()).toMatch(
      /^I0115 10:30:0\d\.\d{6} +1 logs_generator\.go:76\] 0 (GET|POST|PUT) \/api\/v1\/namespaces\//,
    );
  });
});
