import { describe, expect, it } from 'vitest';
import { dnsServer, Network, publicDns } from '../../network/index.ts';
import { createMachine } from '../../process/index.ts';
import { Collector, FileSystem, pump, World } from '../../world/index.ts';
import { networkTools } from './index.ts';

const hop = () => new Promise<void>((resolve) => setImmediate(resolve));
const text = (status: number, body: string, headers: Record<string, string> = {}) => ({
  status,
  headers: { 'content-type': 'text/plain', 'content-length': String(body.length), ...headers },
  body: new TextEncoder().encode(body),
});

/** Two machines: `client` with tools, `web` that serves. */
function room({ busybox = false } = {}) {
  const world = new World({ seed: 1, epoch: Date.UTC(2026, 0, 5, 9) });
  const network = new Network(world);
  const fs = new FileSystem({ now: () => world.clock.now() });
  fs.mkdir('/etc');
  fs.mkdir('/work');
  if (busybox) {
    fs.mkdir('/bin');
    fs.writeFile('/bin/busybox', '');
  }
  fs.writeFile('/etc/hosts', '127.0.0.1 localhost\n');
  fs.writeFile('/etc/resolv.conf', 'nameserver 192.168.1.1\nsearch lan\n');
  const net = network.addNamespace('client', ['192.168.1.20/24']);
  const client = createMachine({ world, network, hostname: 'client', fs, net, programs: new Map() });
  network.addNamespace('router', ['192.168.1.1/24']).listen(53, dnsServer(publicDns(network)));
  const web = network.addNamespace('web', ['192.168.1.30/24']);
  network.addName('web.lan', '192.168.1.30');
  web.listen(80, {
    protocol: 'http',
    http: async ({ path, method, headers, body }) => {
      if (path === '/slow') await world.sleep(10_000);
      if (path === '/old') return text(301, '', { location: '/new' });
      if (path === '/missing') return text(404, 'no\n');
      if (path === '/echo') return text(200, `${method} ${headers['content-type'] ?? '-'} ${body instanceof Uint8Array ? new TextDecoder().decode(body) : ''}\n`); // prettier-ignore
      return text(200, `hello from ${path}\n`);
    },
  });
  web.listen(443, { protocol: 'https', http: () => text(200, 'secret\n') });
  const run = async (...argv: string[]) => {
    const [out, err] = [new Collector(), new Collector()];
    const options = { stdout: out, stderr: err, cwd: '/work' };
    const child = client.processes.run(networkTools.get(argv[0]!)!, argv, undefined, options);
    const began = world.queue.now;
    for (let i = 1; i < 2000 && child.status === undefined; i++)
      await pump(world.queue, hop, { until: began + i * 100 });
    return { out: out.text(), err: err.text(), status: child.status };
  };
  return { world, network, web, client, fs, run };
}

describe('curl', () => {
  it('prints bodies, headers and what -w asks for', async () => {
    const { run } = room();
    expect(await run('curl', '-s', 'http://web/a')).toEqual({ out: 'hello from /a\n', err: '', status: 0 });
    expect((await run('curl', '-sI', 'web')).out).toBe(
      'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 13\r\n\r\n',
    );
    expect((await run('curl', '-s', '-o', '/dev/null', '-w', '%{http_code} %{remote_ip}\\n', 'web')).out).toBe(
      '200 192.168.1.30\n',
    );
    expect((await run('curl', '-sL', 'web/old')).out).toBe('hello from /new\n');
    expect((await run('curl', '-s', '-d', 'a=1', '-d', 'b=2', 'web/echo')).out).toBe(
      'POST application/x-www-form-urlencoded a=1&b=2\n',
    );
    expect((await run('curl', '-sk', 'https://web')).out).toBe('secret\n');
  });

  it('fails as curl does', async () => {
    const { run } = room();
    const failure = async (...args: string[]) => {
      const { err, status } = await run('curl', '-sS', ...args);
      return [status, err.split('\n')[0]];
    };
    expect(await failure('nowhere')).toEqual([6, 'curl: (6) Could not resolve host: nowhere']);
    expect(await failure('web:81')).toEqual([
      7,
      "curl: (7) Failed to connect to web port 81 after 0 ms: Couldn't connect to server",
    ]);
    expect(await failure('-m', '2', 'web/slow')).toEqual([
      28,
      'curl: (28) Operation timed out after 2001 milliseconds with 0 bytes received',
    ]);
    expect(await failure('-f', 'web/missing')).toEqual([22, 'curl: (22) The requested URL returned error: 404']);
    expect(await failure('https://web')).toEqual([
      60,
      'curl: (60) SSL certificate problem: unable to get local issuer certificate',
    ]);
    expect(await failure('https://web:80')).toEqual([
      35,
      'curl: (35) OpenSSL/3.0.13: error:0A00010B:SSL routines::wrong version number',
    ]);
    expect(await failure('ftp://web')).toEqual([1, 'curl: (1) Protocol "ftp" not supported']);
    expect(await failure('--connect-timeout', '3', '10.9.9.9')).toEqual([
      28,
      'curl: (28) Connection timed out after 3001 milliseconds',
    ]);
    expect((await run('curl')).status).toBe(2);
  });
});

describe('wget', () => {
  it('saves files as GNU wget, and speaks as BusyBox where that is', async () => {
    const gnu = room();
    expect((await gnu.run('wget', '-q', 'web/file')).status).toBe(0);
    expect(gnu.fs.readText('/work/file')).toBe('hello from /file\n');
    expect((await gnu.run('wget', '-qO-', 'web')).out).toBe('hello from /\n');
    expect((await gnu.run('wget', 'web/missing')).status).toBe(8);
    const box = room({ busybox: true });
    expect((await box.run('wget', '-qO-', 'web')).out).toBe('hello from /\n');
    expect(await box.run('wget', '-O-', 'web/missing')).toMatchObject({ status: 1, err: expect.stringContaining('wget: server returned error: HTTP/1.1 404 Not Found\n') as string }); // prettier-ignore
    expect((await box.run('wget', '-q', '-O-', 'web:81')).err).toBe(
      "wget: can't connect to remote host (192.168.1.30): Connection refused\n",
    );
    expect((await box.run('wget', '-q', '-O-', 'nowhere')).err).toBe("wget: bad address 'nowhere'\n");
  });
});

describe('diagnosis', () => {
  it('asks names', async () => {
    const { run } = room();
    expect((await run('dig', '+short', 'web.lan')).out).toBe('192.168.1.30\n');
    expect((await run('dig', '+short', '+search', 'web')).out).toBe('192.168.1.30\n');
    expect((await run('dig', '+short', '-x', '192.168.1.30')).out).toBe('web.lan.\n');
    expect((await run('host', 'web')).out).toBe('web.lan has address 192.168.1.30\n');
    expect(await run('getent', 'hosts', 'nowhere')).toMatchObject({ out: '', status: 2 });
    expect((await run('nslookup', 'web')).out).toBe('Server:\t\t192.168.1.1\nAddress:\t192.168.1.1#53\n\nNon-authoritative answer:\nName:\tweb.lan\nAddress: 192.168.1.30\n\n'); // prettier-ignore
    expect(await run('nslookup', 'nowhere')).toMatchObject({
      out: expect.stringContaining("** server can't find nowhere: NXDOMAIN") as string,
      status: 1,
    });
  });

  it('knocks on ports, pings and traces', async () => {
    const { run } = room();
    expect(await run('nc', '-zv', 'web', '80')).toEqual({
      out: '',
      err: 'Connection to web (192.168.1.30) 80 port [tcp/http] succeeded!\n',
      status: 0,
    });
    expect(await run('nc', '-zv', 'web', '81')).toEqual({
      out: '',
      err: 'nc: connect to web (192.168.1.30) port 81 (tcp) failed: Connection refused\n',
      status: 1,
    });
    const pinged = await run('ping', '-c', '2', 'web');
    expect(pinged.out).toMatch(
      /^PING web \(192\.168\.1\.30\) 56\(84\) bytes of data\.\n64 bytes from 192\.168\.1\.30: icmp_seq=1 ttl=64 time=\d/,
    );
    expect(pinged.out).toContain('2 packets transmitted, 2 received, 0% packet loss');
    expect((await run('ping', '-c', '1', '192.168.1.99')).status).toBe(1);
    expect((await run('traceroute', '-n', 'web')).out).toMatch(/^traceroute to web .*\n 1 {2}192\.168\.1\.30 {2}\d/);
  });

  it('shows sockets, addresses, rules, and changes them', async () => {
    const { run, client } = room();
    client.net.listen(8080, { protocol: 'http' }, '127.0.0.1', { pid: 7, name: 'app' });
    expect((await run('ss', '-tlnp')).out).toContain('127.0.0.1:8080');
    expect((await run('ip', 'route', 'get', '192.168.1.30')).out).toContain('dev eth0 src 192.168.1.20');
    expect((await run('iptables', '-A', 'OUTPUT', '-p', 'tcp', '--dport', '80', '-j', 'REJECT')).status).toBe(0);
    expect((await run('iptables', '-S', 'OUTPUT')).out).toBe(
      '-P OUTPUT ACCEPT\n-A OUTPUT -p tcp -m tcp --dport 80 -j REJECT --reject-with icmp-port-unreachable\n',
    );
    expect((await run('curl', '-s', 'web')).status).toBe(7);
    expect((await run('iptables', '-D', 'OUTPUT', '1')).status).toBe(0);
    expect((await run('curl', '-s', 'web')).status).toBe(0);
    expect((await run('sysctl', 'net.ipv4.ip_forward')).out).toBe('net.ipv4.ip_forward = 0\n');
  });

  it('captures and loads', async () => {
    const { run, network, client, world } = room();
    const capture = run('tcpdump', '-ni', 'eth0', '-c', '3', 'port', '80');
    await pump(world.queue, hop, { until: world.queue.now + 100 });
    network.connect(client.net, '192.168.1.30', 80);
    const { out } = await capture;
    expect(out.split('\n')[0]).toMatch(
      /^09:00:\d\d\.\d{6} IP 192\.168\.1\.20\.\d+ > 192\.168\.1\.30\.80: Flags \[S\], seq \d+/,
    );
    expect((await run('hey', '-n', '20', '-c', '5', 'http://web/')).out).toContain('[200]\t20 responses');
  });
});
