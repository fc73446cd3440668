import { CommandError } from '../../framework/errors.ts';
import { generator } from './generator.ts';
import { mappings } from './mappings.ts';

const ruleForm =
  /^(?<host>[^/]*)\/(?<path>[^=]*)=(?<service>[^:=,]+):(?<port>[^:=,]+)(?<tls>,tls(=(?<secret>[^,=:]*))?)?$/;

/** `kubectl create ingress`. */
export const createIngress = generator({
  use: 'ingress NAME --rule=host/path=service:port[,tls[=secret]] ',
  aliases: ['ing'],
  short: 'Create an ingress with the specified name',
  long: 'Create an ingress with the specified name.',
  examples: `# foo.com/bar goes to port 8080 of svc1, with a certificate
kubectl create ingress simple --rule="foo.com/bar=svc1:8080,tls=my-cert"

# Everything below a path
kubectl create ingress catch-all --class=nginx --rule="/path*=svc:port"

# What no rule catches
kubectl create ingress multi --default-backend=fallback:http --rule="foo.com/*=svc:8080"`,
  flags: [
    { name: 'annotation', type: 'stringArray', usage: 'Annotation in the form key=value; may be given several times.' },
    { name: 'class', type: 'string', usage: 'Ingress class to use.' },
    { name: 'default-backend', type: 'string', usage: 'Service for requests that no rule catches, as svcname:port.' },
    {
      name: 'rule',
      type: 'stringArray',
      usage: 'Rule as host/path=service:port[,tls=secretname]. A path that ends with * stands for all below it.',
    },
  ],
  mapping: mappings.ingresses,
  failure: 'failed to create ingress: ',
  build: ({ flags }, name) => {
    const rules = flags.strings('rule');
    const fallback = flags.string('default-backend');
    if (rules.length === 0 && fallback === '')
      throw new CommandError(
        'not enough information provided: every ingress has to either specify a default-backend (which catches all traffic) or a list of rules (which catch specific paths)',
      );
    for (const rule of rules)
      if (!ruleForm.test(rule))
        throw new CommandError(
          `rule ${rule} is invalid and should be in format host/path=svcname:svcport[,tls[=secret]]`,
        );
    const annotations: Record<string, string> = {};
    for (const text of flags.strings('annotation')) {
      const at = text.indexOf('=');
      if (at < 1) throw new CommandError(`annotation ${text} is invalid and should be in format key=[value]`);
      annotations[text.slice(0, at)] = text.slice(at + 1);
    }
    if (fallback !== '' && !/^[^:]+:[^:]+$/.test(fallback))
      throw new CommandError('default-backend should be in format servicename:serviceport');
    const className = flags.string('class');
    const [tls, hosts] = [tlsOf(rules), rulesOf(rules)];
    return {
      kind: 'Ingress',
      apiVersion: 'networking.k8s.io/v1',
      metadata: { name, ...(Object.keys(annotations).length > 0 ? { annotations } : {}) },
      spec: {
        ...(className === '' ? {} : { ingressClassName: className }),
        ...(fallback === '' ? {} : { defaultBackend: backend(...(fallback.split(':') as [string, string])) }),
        ...(tls.length > 0 ? { tls } : {}),
        ...(hosts.length > 0 ? { rules: hosts } : {}),
      },
      status: { loadBalancer: {} },
    };
  },
});

function backend(service: string, port: string): Record<string, unknown> {
  return { service: { name: service, port: /^\d+$/.test(port) ? { number: Number(port) } : { name: port } } };
}

function parts(rule: string): Record<string, string | undefined> {
  return ruleForm.exec(rule)!.groups!;
}

/** One rule for each host, in the order they come. */
function rulesOf(rules: readonly string[]): { host?: string; http: { paths: Record<string, unknown>[] } }[] {
  const byHost = new Map<string, Record<string, unknown>[]>();
  for (const rule of rules) {
    const { host = '', path = '', service = '', port = '' } = parts(rule);
    const paths = byHost.get(host) ?? [];
    byHost.set(host, paths);
    const prefix = path.endsWith('*');
    paths.push({
      path: `/${prefix ? path.slice(0, -1) : path}`,
      pathType: prefix ? 'Prefix' : 'Exact',
      backend: backend(service, port),
    });
  }
  return [...byHost].map(([host, paths]) => ({ ...(host === '' ? {} : { host }), http: { paths } }));
}

/** Hosts by the secret that holds their certificate. */
function tlsOf(rules: readonly string[]): { hosts?: string[]; secretName?: string }[] {
  const bySecret = new Map<string, Set<string>>();
  for (const rule of rules) {
    const { host = '', tls, secret = '' } = parts(rule);
    if (tls === undefined) continue;
    const hosts = bySecret.get(secret) ?? new Set();
    bySecret.set(secret, hosts);
    if (host !== '') hosts.add(host);
  }
  return [...bySecret].map(([secret, hosts]) => ({
    ...(hosts.size > 0 ? { hosts: [...hosts] } : {}),
    ...(secret === '' ? {} : { secretName: secret }),
  }));
}
