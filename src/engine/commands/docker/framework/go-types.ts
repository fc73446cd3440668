import { struct } from '../../../gotemplate/index.ts';

/**
 * The Go types that the CLI decodes answers into, as far as templates print them whole: structs show their fields'
 * values in the order of declaration, pointers that are nil as `<nil>`.
 */

/** `'text'`, `'number'`, `'bool'`, `'any'`, a struct's name, and of these `[]X`, `map X` and `*X`. */
type GoType = string;

const structs: Readonly<Record<string, readonly (readonly [field: string, type: GoType])[]>> = {
  Container: [
    ['State', '*State'], ['HostConfig', '*HostConfig'], ['Mounts', '[]MountPoint'], ['Config', '*Config'], ['NetworkSettings', '*NetworkSettings'],
    ['GraphDriver', 'GraphDriver'],
  ],
  State: [
    ['Status', 'text'], ['Running', 'bool'], ['Paused', 'bool'], ['Restarting', 'bool'], ['OOMKilled', 'bool'], ['Dead', 'bool'], ['Pid', 'number'],
    ['ExitCode', 'number'], ['Error', 'text'], ['StartedAt', 'text'], ['FinishedAt', 'text'], ['Health', '*Health'],
  ],
  Health: [['Status', 'text'], ['FailingStreak', 'number'], ['Log', '[]*HealthcheckResult']],
  HealthcheckResult: [['Start', 'text'], ['End', 'text'], ['ExitCode', 'number'], ['Output', 'text']],
  HostConfig: [['LogConfig', 'LogConfig'], ['RestartPolicy', 'RestartPolicy'], ['PortBindings', 'map []PortBinding'], ['Mounts', '[]Mount']],
  LogConfig: [['Type', 'text'], ['Config', 'map text']],
  RestartPolicy: [['Name', 'text'], ['MaximumRetryCount', 'number']],
  PortBinding: [['HostIP', 'text'], ['HostPort', 'text']],
  MountPoint: [
    ['Type', 'text'], ['Name', 'text'], ['Source', 'text'], ['Destination', 'text'], ['Driver', 'text'], ['Mode', 'text'], ['RW', 'bool'], ['Propagation', 'text'],
  ],
  Config: [['ExposedPorts', 'map Empty'], ['Volumes', 'map Empty'], ['Healthcheck', '*HealthcheckConfig']],
  HealthcheckConfig: [
    ['Test', '[]text'], ['Interval', 'duration'], ['Timeout', 'duration'], ['StartPeriod', 'duration'], ['StartInterval', 'duration'], ['Retries', 'number'],
  ],
  Empty: [],
  NetworkSettings: [['Ports', 'map []PortBinding'], ['Networks', 'map *EndpointSettings']],
  EndpointSettings: [['IPAMConfig', '*EndpointIPAMConfig']],
  EndpointIPAMConfig: [['IPv4Address', 'text'], ['IPv6Address', 'text'], ['LinkLocalIPs', '[]text']],
  GraphDriver: [['Data', 'map text'], ['Name', 'text']],
  Image: [['Config', '*Config'], ['GraphDriver', 'GraphDriver'], ['RootFS', 'RootFS'], ['Metadata', 'Metadata']],
  RootFS: [['Type', 'text'], ['Layers', '[]text']],
  Metadata: [['LastTagTime', 'text']],
  Network: [['IPAM', 'IPAM'], ['ConfigFrom', 'ConfigReference'], ['Containers', 'map EndpointResource']],
  IPAM: [['Driver', 'text'], ['Options', 'map text'], ['Config', '[]IPAMConfig']],
  IPAMConfig: [['Subnet', 'text'], ['IPRange', 'text'], ['Gateway', 'text'], ['AuxiliaryAddresses', 'map text']],
  ConfigReference: [['Network', 'text']],
  EndpointResource: [['Name', 'text'], ['EndpointID', 'text'], ['MacAddress', 'text'], ['IPv4Address', 'text'], ['IPv6Address', 'text']],
}; // prettier-ignore

/** JSON names that are not the Go field's. */
const jsonNames: Readonly<Record<string, string>> = { HostIP: 'HostIp' };

/** Structs whose fields are all listed here; of the others only what is inside them has a type. */
const whole = new Set([
  'State', 'Health', 'HealthcheckResult', 'LogConfig', 'RestartPolicy', 'PortBinding', 'MountPoint', 'HealthcheckConfig', 'Empty', 'EndpointIPAMConfig',
  'GraphDriver', 'RootFS', 'Metadata', 'IPAM', 'IPAMConfig', 'ConfigReference', 'EndpointResource',
]); // prettier-ignore

function zero(type: GoType): unknown {
  if (type === 'text') return '';
  if (type === 'number' || type === 'duration') return 0n;
  if (type === 'bool') return false;
  if (type.startsWith('[]')) return [];
  if (type.startsWith('map ')) return {};
  if (structs[type]) return goTyped({}, type);
  return null;
}

/** A value of an answer as templates see it: whole numbers are integers, structs know that they are structs. */
export function goTyped(value: unknown, type: GoType = 'any'): unknown {
  if (value === undefined || value === null) return type.startsWith('[]') ? [] : value;
  if (type.startsWith('*')) return goTyped(value, type.slice(1));
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : value;
  if (Array.isArray(value)) {
    const element = type.startsWith('[]') ? type.slice(2) : 'any';
    return value.map((each) => goTyped(each, element));
  }
  if (typeof value !== 'object') return value;
  const given = value as Record<string, unknown>;
  if (type.startsWith('map '))
    return Object.fromEntries(Object.entries(given).map(([key, each]) => [key, goTyped(each, type.slice(4))]));
  const fields = structs[type] ?? [];
  const types = new Map(fields.map(([name, own]) => [jsonNames[name] ?? name, own]));
  const typed: Record<string, unknown> = {};
  for (const [key, each] of Object.entries(given)) typed[key] = goTyped(each, types.get(key));
  if (!whole.has(type)) return typed;
  const shown = fields.map(([name, own]) => typed[jsonNames[name] ?? name] ?? zero(own));
  return struct(typed, shown);
}
