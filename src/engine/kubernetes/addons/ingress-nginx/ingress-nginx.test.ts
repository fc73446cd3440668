import { beforeAll, describe, expect, it } from 'vitest';
import { refs, type Node, type ResourceRef } from '../../types.ts';
import { TrafficCluster } from '../traffic.test-support.ts';
import { ingressNginxManifest } from './manifest.ts';
import { ingresses, type Ingress } from './types.ts';

const t = new TrafficCluster();
const prefix = 'nginx.ingress.kubernetes.io/';

function ingress(
  name: string,
  host: string | undefined,
  paths: [path: string, type: string, service: string][],
  annotations: Record<string, string> = {},
  more: Record<string, unknown> = {},
): void {
  t.create(ingresses as ResourceRef, {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: {
      name,
      namespace: 'default',
      annotations: Object.fromEntries(Object.entries(annotations).map(([k, v]) => [prefix + k, v])),
    },
    spec: {
      ingressClassName: 'nginx',
      rules: [
        {
          ...(host ? { host } : {}),
          http: {
            paths: paths.map(([path, pathType, service]) => ({
              path,
              pathType,
              backend: { service: { name: service, port: { number: 80 } } },
            })),
          },
        },
      ],
      ...more,
    },
  });
}

/** Which server answered, or the status. */
async function ask(host: string, path: string, ...more: string[]): Promise<string> {
  const text = await t.curl('-H', `Host: ${host}`, ...more, `http://172.18.0.2${path}`);
  return /^Name: (\w+)/m.exec(text)?.[1] ?? /<h1>(\d+ [^<]*)<\/h1>/.exec(text)?.[1] ?? text;
}

beforeAll(async () => {
  const nodes = t.client.resource(refs.nodes);
  const node = nodes.get(undefined, 'kind-control-plane')!;
  nodes.update({
    ...node,
    metadata: { ...node.metadata, labels: { ...node.metadata.labels, 'ingress-ready': 'true' } },
  } as Node);
  t.applyText(ingressNginxManifest({ provider: 'kind' }));
  for (const name of ['one', 'two', 'three']) t.web(name);
  await t.ready(refs.pods, 'ingress-nginx', 'ingress-nginx-controller');
  for (const name of ['one', 'two', 'three']) await t.ready(refs.pods, 'default', name);
}, 60_000);

describe('ingress-nginx', () => {
  it('answers 404 where nothing fits, and routes by host and longest path', async () => {
    expect(await ask('nowhere.example', '/')).toBe('404 Not Found');
    ingress('hosts', 'shop.example', [
      ['/', 'Prefix', 'one'],
      ['/cart', 'Prefix', 'two'],
      ['/cart/exact', 'Exact', 'three'],
    ]);
    ingress('star', '*.example', [['/', 'Prefix', 'three']]);
    await t.cluster.run(2_000);
    expect(await Promise.resolve(ask('shop.example', '/'))).toBe('one');
    expect(await ask('shop.example', '/cart')).toBe('two');
    expect(await ask('shop.example', '/cart/x?y=1')).toBe('two');
    expect(await ask('shop.example', '/cartoon')).toBe('one');
    expect(await ask('shop.example', '/cart/exact')).toBe('three');
    expect(await ask('shop.example', '/cart/exact/')).toBe('two');
    expect(await ask('other.example', '/')).toBe('three');
    expect(await ask('a.b.example', '/')).toBe('404 Not Found');
    expect(await t.curl('-H', 'Host: shop.example', 'http://172.18.0.2/cart')).toMatch(/X-Forwarded-Proto: http\n/);
  });

  it('rewrites paths, with captures', async () => {
    ingress('rewrite', 'api.test', [['/v1(/|$)(.*)', 'ImplementationSpecific', 'one']], { 'rewrite-target': '/$2' });
    await t.cluster.run(2_000);
    const text = await t.curl('-H', 'Host: api.test', 'http://172.18.0.2/v1/users?id=7');
    expect(text).toContain('GET /users?id=7 HTTP/1.1');
    expect(await ask('api.test', '/v2/users')).toBe('404 Not Found');
  });

  it('answers 503 without endpoints or Service, and says so in its log', async () => {
    ingress('none', 'none.test', [['/', 'Prefix', 'absent']]);
    await t.cluster.run(2_000);
    expect(await ask('none.test', '/')).toBe('503 Service Temporarily Unavailable');
    const log = await t.logs('ingress-nginx', 'ingress-nginx-controller');
    expect(log).toContain('Error obtaining Endpoints for Service "default/absent": no object matching key "default/absent" in local store'); // prettier-ignore
    expect(log).toMatch(/172\.18\.0\.2 - - \[.*\] "GET \/ HTTP\/1\.1" 503 190 "-" "curl\/[\d.]+" \d+ 0\.000 \[default-absent-80\] \[\] - - - - [0-9a-f]{32}\n/); // prettier-ignore
    expect(log).toMatch(/\[default-one-80\] \[\] 10\.244\.\d+\.\d+:80 \d+ 0\.\d{3} 200 [0-9a-f]{32}\n/);
  });

  it('redirects to TLS, shows the certificate of the host or its own', async () => {
    ingress(
      'tls',
      'secure.test',
      [['/', 'Prefix', 'one']],
      {},
      { tls: [{ hosts: ['secure.test'], secretName: 'absent' }] },
    );
    await t.cluster.run(2_000);
    const head = await t.curl('-i', '-H', 'Host: secure.test', 'http://172.18.0.2/a?b=c');
    expect(head).toContain('HTTP/1.1 308 Permanent Redirect');
    expect(head.toLowerCase()).toContain('location: https://secure.test/a?b=c');
    const resolve = ['--resolve', 'secure.test:443:172.18.0.2'];
    expect(await t.curl('-k', ...resolve, 'https://secure.test/')).toContain('Name: one');
    expect(await t.curl('-kv', ...resolve, 'https://secure.test/')).toContain('*  subject: O=Acme Co; CN=Kubernetes Ingress Controller Fake Certificate'); // prettier-ignore
  });

  it('limits bodies, and sends a share of requests to a canary', async () => {
    ingress('body', 'body.test', [['/', 'Prefix', 'one']], { 'proxy-body-size': '10' });
    ingress('main', 'canary.test', [['/', 'Prefix', 'one']]);
    ingress('canary', 'canary.test', [['/', 'Prefix', 'two']], { canary: 'true', 'canary-weight': '30', 'canary-by-header': 'X-Canary' }); // prettier-ignore
    await t.cluster.run(2_000);
    expect(await ask('body.test', '/', '-d', '12345678901')).toBe('413 Request Entity Too Large');
    expect(await ask('body.test', '/', '-d', '1234567890')).toBe('one');
    expect(await ask('canary.test', '/', '-H', 'X-Canary: always')).toBe('two');
    expect(await ask('canary.test', '/', '-H', 'X-Canary: never')).toBe('one');
    let two = 0;
    for (let i = 0; i < 100; i++) if ((await ask('canary.test', '/')) === 'two') two++;
    expect(two).toBeGreaterThan(15);
    expect(two).toBeLessThan(45);
  });

  it('writes its address into Ingresses within a minute', async () => {
    await t.cluster.run(61_000);
    const { status } = t.get<Ingress>(ingresses as ResourceRef, 'default', 'hosts');
    expect(status?.loadBalancer?.ingress).toEqual([{ hostname: 'localhost' }]);
  });
});
