import { beforeAll, describe, expect, it } from 'vitest';
import type { ResourceRef } from '../../types.ts';
import { refs, type Service } from '../../types.ts';
import { gatewayGroup, gatewayRefs, type Gateway, type GatewayClass, type HttpRoute } from '../gateway-api/types.ts';
import { TrafficCluster } from '../traffic.test-support.ts';
import { envoyGatewayManifest, controllerName } from './manifest.ts';

const t = new TrafficCluster();
const apiVersion = `${gatewayGroup}/v1`;
let gatewayIP = '';

function route(
  name: string,
  rules: Record<string, unknown>[],
  spec: Record<string, unknown> = {},
  namespace = 'default',
) {
  t.create(gatewayRefs.httpRoutes as ResourceRef, {
    apiVersion,
    kind: 'HTTPRoute',
    metadata: { name, namespace },
    spec: { parentRefs: [{ name: 'edge', namespace: 'default' }], rules, ...spec },
  });
}

const to = (name: string, weight?: number, namespace?: string) => ({ name, port: 80, ...(weight === undefined ? {} : { weight }), ...(namespace ? { namespace } : {}) }); // prettier-ignore

async function ask(host: string, path: string, ...more: string[]): Promise<string> {
  const text = await t.curl('-i', '-H', `Host: ${host}`, ...more, `http://${gatewayIP}${path}`);
  return /^Name: (\w+)/m.exec(text)?.[1] ?? /^HTTP\/1.1 (\d+)/.exec(text)?.[1] ?? text;
}

function conditions(name: string): string[] {
  const { status } = t.get<HttpRoute>(gatewayRefs.httpRoutes as ResourceRef, 'default', name);
  return (status?.parents ?? []).flatMap((p) => p.conditions.map((c) => `${c.type}=${c.status} ${c.reason}`));
}

beforeAll(async () => {
  t.applyText(envoyGatewayManifest());
  await t.cluster.run(2_000);
  for (const name of ['one', 'two', 'three']) t.web(name);
  t.apply({ apiVersion, kind: 'GatewayClass', metadata: { name: 'eg' }, spec: { controllerName } });
  t.apply({
    apiVersion,
    kind: 'Gateway',
    metadata: { name: 'edge', namespace: 'default' },
    spec: {
      gatewayClassName: 'eg',
      listeners: [
        { name: 'http', protocol: 'HTTP', port: 80, hostname: '*.test' },
        { name: 'tls', protocol: 'HTTPS', port: 443, tls: { certificateRefs: [{ name: 'absent' }] } },
      ],
    },
  });
  await t.ready(refs.pods, 'envoy-gateway-system', 'envoy-default-edge-');
  for (const name of ['one', 'two', 'three']) await t.ready(refs.pods, 'default', name);
  const service = t.client.resource(refs.services).list({ namespace: 'envoy-gateway-system' }).find((s) => s.metadata.name.startsWith('envoy-default-edge-')) as Service; // prettier-ignore
  gatewayIP = service.spec.clusterIP!;
}, 60_000);

describe('the Gateway API', () => {
  it('accepts its class and gateways; without an address they are not programmed', () => {
    const accepted = t.get<GatewayClass>(gatewayRefs.gatewayClasses as ResourceRef, undefined, 'eg').status
      ?.conditions?.[0];
    expect(accepted).toMatchObject({ type: 'Accepted', status: 'True', message: 'Valid GatewayClass' });
    const { status } = t.get<Gateway>(gatewayRefs.gateways as ResourceRef, 'default', 'edge');
    expect(status?.conditions?.map((c) => `${c.type}=${c.status} ${c.reason}`)).toEqual([
      'Accepted=True Accepted',
      'Programmed=False AddressNotAssigned',
    ]);
    const tls = status?.listeners?.find((l) => l.name === 'tls');
    expect(tls?.conditions.find((c) => c.type === 'ResolvedRefs')).toMatchObject({
      status: 'False',
      reason: 'InvalidCertificateRef',
      message: 'Secret default/absent does not exist.',
    });
  });

  it('routes by host, path, header, query and method, closest match first', async () => {
    route(
      'web',
      [
        { backendRefs: [to('one')] },
        { matches: [{ path: { type: 'PathPrefix', value: '/api' } }], backendRefs: [to('two')] },
        { matches: [{ path: { type: 'Exact', value: '/api/exact' } }], backendRefs: [to('three')] },
        { matches: [{ headers: [{ name: 'X-Version', value: '2' }] }], backendRefs: [to('two')] },
        { matches: [{ queryParams: [{ name: 'beta', value: 'yes' }] }], backendRefs: [to('three')] },
        { matches: [{ path: { value: '/api' }, method: 'DELETE' }], backendRefs: [to('one')] },
      ],
      { hostnames: ['web.test'] },
    );
    await t.cluster.run(1_000);
    expect(conditions('web')).toEqual(['Accepted=True Accepted', 'ResolvedRefs=True ResolvedRefs']);
    expect(await ask('web.test', '/')).toBe('one');
    expect(await ask('web.test', '/api/x')).toBe('two');
    expect(await ask('web.test', '/apis')).toBe('one');
    expect(await ask('web.test', '/api/exact')).toBe('three');
    expect(await ask('web.test', '/', '-H', 'x-version: 2')).toBe('two');
    expect(await ask('web.test', '/?beta=yes')).toBe('three');
    expect(await ask('web.test', '/api/y', '-X', 'DELETE')).toBe('one');
    expect(await ask('other.test', '/')).toBe('404');
    expect(await ask('web.example', '/')).toBe('404');
  });

  it('spreads by weight; broken references answer errors for their share', async () => {
    route('weights', [{ backendRefs: [to('one', 80), to('two', 20)] }], { hostnames: ['weights.test'] });
    route('broken', [{ backendRefs: [to('absent')] }], { hostnames: ['broken.test'] });
    await t.cluster.run(1_000);
    let two = 0;
    for (let i = 0; i < 200; i++) if ((await ask('weights.test', '/')) === 'two') two++;
    expect(two).toBeGreaterThan(20);
    expect(two).toBeLessThan(65);
    expect(await ask('broken.test', '/')).toBe('500');
    expect(conditions('broken')).toEqual(['Accepted=True Accepted', 'ResolvedRefs=False BackendNotFound']);
  });

  it('redirects, rewrites and changes headers', async () => {
    const filter = (type: string, field: string, value: unknown) => ({ type, [field]: value });
    route(
      'filters',
      [
        { matches: [{ path: { value: '/old' } }], filters: [filter('RequestRedirect', 'requestRedirect', { scheme: 'https', path: { type: 'ReplacePrefixMatch', replacePrefixMatch: '/new' }, statusCode: 301 })] }, // prettier-ignore
        { matches: [{ path: { value: '/shop' } }], filters: [filter('URLRewrite', 'urlRewrite', { hostname: 'inside', path: { type: 'ReplacePrefixMatch', replacePrefixMatch: '/' } }), filter('RequestHeaderModifier', 'requestHeaderModifier', { set: [{ name: 'X-Team', value: 'shop' }], remove: ['Accept'] }), filter('ResponseHeaderModifier', 'responseHeaderModifier', { add: [{ name: 'X-Served', value: 'yes' }] })], backendRefs: [to('one')] }, // prettier-ignore
      ],
      { hostnames: ['filters.test'] },
    );
    await t.cluster.run(1_000);
    const at = ['-i', '-H', 'Host: filters.test'];
    const redirected = await t.curl(...at, `http://${gatewayIP}/old/page?x=1`);
    expect(redirected).toContain('HTTP/1.1 301');
    expect(redirected).toMatch(/location: https:\/\/filters\.test\/new\/page\?x=1/i);
    const text = await t.curl(...at, `http://${gatewayIP}/shop/cart?x=1`);
    expect(text).toContain('GET /cart?x=1 HTTP/1.1');
    expect(text).toContain('Host: inside');
    expect(text).toContain('X-Team: shop');
    expect(text).not.toContain('Accept: */*');
    expect(text).toMatch(/x-served: yes/i);
  });

  it('needs a grant for backends of other namespaces, and listeners that allow the route', async () => {
    t.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } });
    t.apply({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace: 'shop' } });
    t.web('far', 1, 'shop');
    await t.ready(refs.pods, 'shop', 'far');
    route('cross', [{ backendRefs: [to('far', undefined, 'shop')] }], { hostnames: ['cross.test'] });
    await t.cluster.run(1_000);
    expect(conditions('cross')[1]).toBe('ResolvedRefs=False RefNotPermitted');
    expect(await ask('cross.test', '/')).toBe('500');
    t.apply({
      apiVersion: `${gatewayGroup}/v1beta1`,
      kind: 'ReferenceGrant',
      metadata: { name: 'web', namespace: 'shop' },
      spec: {
        from: [{ group: gatewayGroup, kind: 'HTTPRoute', namespace: 'default' }],
        to: [{ group: '', kind: 'Service' }],
      },
    });
    await t.cluster.run(1_000);
    expect(await ask('cross.test', '/')).toBe('far');
    route('foreign', [{ backendRefs: [to('far')] }], { hostnames: ['foreign.test'] }, 'shop');
    await t.cluster.run(1_000);
    const foreign = t.get<HttpRoute>(gatewayRefs.httpRoutes as ResourceRef, 'shop', 'foreign');
    expect(foreign.status?.parents?.[0]?.conditions[0]).toMatchObject({
      status: 'False',
      reason: 'NotAllowedByListeners',
    });
  });

  it('takes what it made away with the Gateway', async () => {
    t.client.resource(gatewayRefs.gateways).delete('default', 'edge');
    await t.cluster.run(40_000);
    const left = t.client.resource(refs.deployments).list({ namespace: 'envoy-gateway-system' });
    expect(left.map(({ metadata }) => metadata.name)).toEqual(['envoy-gateway']);
  });
});
