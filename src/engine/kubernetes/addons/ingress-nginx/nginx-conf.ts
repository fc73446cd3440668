import type { Configuration, Location } from './configuration.ts';

/** nginx.conf as `kubectl exec … -- cat /etc/nginx/nginx.conf` shows it: servers and locations, in nginx's words. */
export function nginxConf({ servers }: Configuration): string {
  const lines = [
    '# Configuration checksum is kept by the controller: do not edit',
    'daemon off;',
    'worker_processes auto;',
    'pid /tmp/nginx/nginx.pid;',
    '',
    'http {',
    '\tserver_tokens off;',
    '\tupstream upstream_balancer {',
    '\t\tserver 0.0.0.1; # placeholder',
    '\t\tbalancer_by_lua_file /etc/nginx/lua/nginx/ngx_conf_balancer.lua;',
    '\t}',
    '',
  ];
  for (const { host, locations, tls, certificate } of servers.values()) {
    lines.push(`\t## start server ${host}`, '\tserver {', `\t\tserver_name ${host} ;`, '');
    lines.push(`\t\tlisten 80${host === '_' ? ' default_server reuseport backlog=4096' : ''} ;`);
    lines.push(`\t\tlisten 443${host === '_' ? ' default_server reuseport backlog=4096' : ''} ssl;`, '');
    if (tls) lines.push(`\t\t# certificate: ${certificate?.names.join(', ') ?? 'default'}`);
    for (const location of locations) lines.push(...locationLines(location));
    if (!locations.some(({ path }) => path === '/'))
      lines.push('\t\tlocation / {', '\t\t\tset $proxy_upstream_name "upstream-default-backend";', '\t\t\treturn 404;', '\t\t}'); // prettier-ignore
    lines.push('\t}', `\t## end server ${host}`, '');
  }
  return [...lines, '}', ''].join('\n');
}

function locationLines(location: Location): string[] {
  const { path, type, regex, backend, ingress, settings, canary } = location;
  const [namespace, name] = ingress.split('/');
  const head = regex ? `~* "^${path}"` : type === 'Exact' ? `= ${path}` : type === 'Prefix' && path !== '/' ? `${path}/` : path; // prettier-ignore
  return [
    `\t\tlocation ${head} {`,
    `\t\t\tset $namespace      "${namespace}";`,
    `\t\t\tset $ingress_name   "${name}";`,
    `\t\t\tset $service_name   "${backend.service}";`,
    `\t\t\tset $service_port   "${backend.port}";`,
    `\t\t\tset $location_path  "${path}";`,
    `\t\t\tset $proxy_upstream_name "${backend.name}";`,
    ...(canary ? [`\t\t\t# canary: ${canary.backend.name} ${JSON.stringify(canary.rule)}`] : []),
    ...(settings.allow.length > 0 ? ['\t\t\tdeny all;'] : []),
    `\t\t\tclient_max_body_size ${settings.proxyBodySize};`,
    `\t\t\tproxy_connect_timeout ${settings.connectTimeout / 1000}s;`,
    `\t\t\tproxy_read_timeout ${settings.readTimeout / 1000}s;`,
    ...(settings.rewriteTarget ? [`\t\t\trewrite "(?i)${path}" ${settings.rewriteTarget} break;`] : []),
    `\t\t\tproxy_pass ${settings.backendProtocol.toLowerCase()}://upstream_balancer;`,
    '\t\t}',
  ];
}
