import type { Process } from '../../../process/index.ts';
import { CommandError } from '../framework/errors.ts';
import type { FlagValues } from '../framework/flags.ts';
import { runKustomize } from '../kustomize/index.ts';
import { Builder } from '../resource/builder.ts';
import { clientConfig, type ClientConfig } from './config.ts';
import { discover, discovered } from './discover.ts';
import { DiscoveryCache } from './discovery-cache.ts';
import type { RestMapper } from './discovery.ts';
import type { Factory } from './factory.ts';
import { HttpRestClient } from './http-client.ts';

/** kubectl's own version; the server's is its own affair. */
export const clientVersion = { major: '1', minor: '35', gitVersion: 'v1.35.2' };

function cacheDirectory(process: Process, flags: FlagValues): string {
  const home = process.env.get('HOME') ?? '';
  return flags.string('cache-dir') || process.env.get('KUBECACHEDIR') || `${home}/.kube/cache`;
}

export function createFactory(process: Process, flags: FlagValues): Factory {
  let config: ClientConfig | undefined;
  let client: HttpRestClient | undefined;
  let mapper: Promise<RestMapper> | undefined;
  let cached: RestMapper | undefined;
  const discoveryCache = () => new DiscoveryCache(process, cacheDirectory(process, flags), factory.config().server);
  const factory: Factory = {
    process,
    flags,
    config: () => (config ??= clientConfig(process, flags, { existing: true })),
    namespace: () => {
      const explicit = flags.string('namespace') !== '';
      return { namespace: (config ??= clientConfig(process, flags, { existing: explicit })).namespace, explicit };
    },
    client: () => (client ??= new HttpRestClient(process, factory.config(), { verbosity: flags.int('v') })),
    mapper: () => (mapper ??= connect()),
    cachedMapper: async () => {
      if (mapper || flags.bool('match-server-version')) return factory.mapper();
      cached ??= discovered(discoveryCache());
      return cached ?? factory.mapper();
    },
    builder: () => new Builder(factory),
    kustomize: async (directory) => (await runKustomize(process, directory, { sorted: true })).text,
    finish: () => {
      if (flags.bool('warnings-as-errors') && client && client.warnings.size > 0) {
        const n = client.warnings.size;
        throw new CommandError(`${n} warning${n === 1 ? '' : 's'} received`);
      }
    },
  };
  const connect = async () => {
    const rest = factory.client();
    if (flags.bool('match-server-version')) {
      const version = await rest
        .json<{ gitVersion: string }>({ method: 'GET', path: '/version' })
        .catch((error: Error) =>
          Promise.reject(new CommandError(`couldn't read version from server: ${error.message}`)),
        );
      if (version.gitVersion !== clientVersion.gitVersion)
        throw new CommandError(
          `server version (${version.gitVersion}) differs from client version (${clientVersion.gitVersion})`,
        );
    }
    return discover(rest, process, discoveryCache());
  };
  return factory;
}
