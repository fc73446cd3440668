import { WordError } from './dockerfile/words.ts';

/** EXPOSE's ports: `80`, `443/tcp`, `8000-8002/udp`. @throws WordError in nat.ParsePortSpecs' words */
export function parsePorts(specs: readonly string[]): string[] {
  const ports: string[] = [];
  for (const spec of specs) {
    const [range = '', protocol = 'tcp'] = spec.split('/');
    const container = range.slice(range.lastIndexOf(':') + 1);
    if (container === '') throw new WordError(`no port specified: ${spec}<empty>`);
    const proto = (protocol || 'tcp').toLowerCase();
    const [low = '', high = low] = container.split('-');
    const number = (text: string) => (/^\d+$/.test(text) && Number(text) <= 65535 ? Number(text) : undefined);
    const first = number(low);
    const last = number(high);
    if (first === undefined || last === undefined || last < first)
      throw new WordError(`invalid containerPort: ${container}`);
    if (!['tcp', 'udp', 'sctp'].includes(proto)) throw new WordError(`invalid proto: ${protocol}`);
    for (let port = first; port <= last; port++) ports.push(`${port}/${proto}`);
  }
  return ports;
}
