export interface PortRow {
  IP?: string;
  PrivatePort: number;
  PublicPort?: number;
  Type: string;
}

interface Group {
  first: number;
  last: number;
}

/** The PORTS column: sorted by container port; runs of equal numbers are one entry (formatter.DisplayablePorts). */
export function displayPorts(ports: readonly PortRow[]): string {
  const groups = new Map<string, Group>();
  const result: string[] = [];
  const mapped: string[] = [];
  const order: string[] = [];
  const close = (key: string, { first, last }: Group) => {
    const [ip, protocol] = split(key);
    const range = first === last ? String(first) : `${first}-${last}`;
    return ip === '' ? `${range}/${protocol}` : `${address(ip)}:${range}->${range}/${protocol}`;
  };
  for (const port of [...ports].sort(compare)) {
    const { IP = '', PrivatePort: current, PublicPort = 0, Type } = port;
    if (IP !== '' && PublicPort !== current) {
      mapped.push(`${address(IP)}:${PublicPort}->${current}/${Type}`);
      continue;
    }
    const key = IP === '' ? Type : `${IP}/${Type}`;
    const group = groups.get(key);
    if (!group) {
      groups.set(key, { first: current, last: current });
      order.push(key);
    } else if (current === group.last + 1) group.last = current;
    else {
      result.push(close(key, group));
      groups.set(key, { first: current, last: current });
    }
  }
  for (const key of order) result.push(close(key, groups.get(key)!));
  return [...result, ...mapped].join(', ');
}

function address(ip: string): string {
  return ip.includes(':') ? `[${ip}]` : ip;
}

function split(key: string): [string, string] {
  const at = key.lastIndexOf('/');
  return at < 0 ? ['', key] : [key.slice(0, at), key.slice(at + 1)];
}

function compare(a: PortRow, b: PortRow): number {
  return (
    a.PrivatePort - b.PrivatePort ||
    family(a.IP) - family(b.IP) ||
    ((a.IP ?? '') < (b.IP ?? '') ? -1 : (a.IP ?? '') > (b.IP ?? '') ? 1 : 0) ||
    (a.PublicPort ?? 0) - (b.PublicPort ?? 0) ||
    (a.Type < b.Type ? -1 : a.Type > b.Type ? 1 : 0)
  );
}

function family(ip: string | undefined): number {
  return ip?.includes(':') ? 1 : 0;
}
