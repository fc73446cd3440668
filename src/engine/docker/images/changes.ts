import type { ImageConfig } from '../../runtime/index.ts';
import { badRequest } from '../errors.ts';

const allowed = /^(CMD|ENTRYPOINT|ENV|EXPOSE|LABEL|ONBUILD|USER|VOLUME|WORKDIR|STOPSIGNAL|HEALTHCHECK)$/;

/** `--change` of commit and import: Dockerfile instructions that only change the configuration. @throws EngineError 400 */
export function applyChanges(config: ImageConfig, changes: readonly string[]): ImageConfig {
  let result = { ...config };
  for (const change of changes) {
    const [, word = '', rest = ''] = /^\s*(\S+)\s*(.*)$/s.exec(change) ?? [];
    const instruction = word.toUpperCase();
    if (!allowed.test(instruction))
      throw badRequest(
        /^(FROM|RUN|COPY|ADD|ARG|SHELL|MAINTAINER)$/.test(instruction)
          ? `${instruction.toLowerCase()} is not a valid change command`
          : `dockerfile parse error on line 1: unknown instruction: ${word}`,
      );
    result = { ...result, ...changed(result, instruction, rest.trim()) };
  }
  return result;
}

function changed(config: ImageConfig, instruction: string, rest: string): ImageConfig {
  const words = () => rest.split(/\s+/).filter(Boolean);
  const list = (): string[] => {
    if (rest.startsWith('['))
      try {
        return (JSON.parse(rest) as unknown[]).map(String);
      } catch {
        // The shell form, then.
      }
    return ['/bin/sh', '-c', rest];
  };
  const pairs = (): Record<string, string> => {
    const found: Record<string, string> = {};
    for (const [, key, quoted, plain] of rest.matchAll(/([^\s=]+)=(?:"((?:[^"\\]|\\.)*)"|(\S*))/g))
      found[key!] = quoted ?? plain ?? '';
    if (Object.keys(found).length === 0) {
      const [key = '', ...value] = words();
      found[key] = value.join(' ');
    }
    return found;
  };
  switch (instruction) {
    case 'CMD':
      return { cmd: list() };
    case 'ENTRYPOINT':
      return { entrypoint: list(), cmd: [] };
    case 'ENV':
      return { env: { ...config.env, ...pairs() } };
    case 'LABEL':
      return { labels: { ...config.labels, ...pairs() } };
    case 'EXPOSE':
      return {
        exposedPorts: [
          ...new Set([
            ...(config.exposedPorts ?? []),
            ...words().map((port) => (port.includes('/') ? port : `${port}/tcp`)),
          ]),
        ],
      };
    case 'VOLUME':
      return { volumes: [...new Set([...(config.volumes ?? []), ...(rest.startsWith('[') ? list() : words())])] };
    case 'USER':
      return { user: rest };
    case 'WORKDIR':
      return { workingDir: rest.startsWith('/') ? rest : `${config.workingDir ?? ''}/${rest}` };
    case 'STOPSIGNAL':
      return { stopSignal: rest };
    case 'ONBUILD':
      return { onBuild: [...(config.onBuild ?? []), rest] };
    default:
      return rest.toUpperCase() === 'NONE'
        ? { healthcheck: { test: ['NONE'] } }
        : { healthcheck: { test: ['CMD-SHELL', rest.replace(/^CMD\s+/i, '')] } };
  }
}
