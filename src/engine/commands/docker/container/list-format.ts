import { humanDuration, humanSize } from '../../../world/index.ts';
import { ellipsis, goTime, truncateId, type ListFormat } from '../framework/format.ts';
import { displayPorts, type PortRow } from './display-ports.ts';

export interface ContainerRow {
  Id: string;
  Names: string[];
  Image: string;
  ImageID: string;
  Command: string;
  Created: number;
  Ports: PortRow[];
  SizeRw?: number;
  SizeRootFs?: number;
  Labels: Record<string, string> | null;
  State: string;
  Status: string;
  NetworkSettings?: { Networks: Record<string, unknown> | null };
  Mounts?: { Type?: string; Name?: string; Source?: string; Driver?: string }[];
}

/** Names without those that links gave it, unless all are wanted. */
function names(row: ContainerRow, trunc: boolean): string {
  const all = row.Names.map((name) => name.replace(/^\//, ''));
  return (trunc ? all.filter((name) => !name.includes('/')).slice(0, 1) : all).join(',');
}

function image(row: ContainerRow, trunc: boolean): string {
  if (row.Image === '') return '<no image>';
  if (trunc && truncateId(row.ImageID) === truncateId(row.Image)) return truncateId(row.Image);
  return trunc ? row.Image.replace(/@sha256:[a-f0-9]+$/, '') : row.Image;
}

/** Go's %q. */
export function quoteCommand(text: string): string {
  return JSON.stringify(text).replace(/[\u007f-\u009f]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function size(row: ContainerRow): string {
  const rw = humanSize(row.SizeRw ?? 0, 3);
  return (row.SizeRootFs ?? 0) > 0 ? `${rw} (virtual ${humanSize(row.SizeRootFs!, 3)})` : rw;
}

/** Columns and fields of `docker ps`. */
export function containerList(now: number, trunc: boolean, showSize: boolean): ListFormat<ContainerRow> {
  const mounts = (row: ContainerRow) =>
    (row.Mounts ?? [])
      .map((mount) => mount.Name || mount.Source || '')
      .map((name) => (trunc ? ellipsis(name, 15) : name))
      .join(',');
  return {
    type: '*formatter.ContainerContext',
    columns: ['ID', 'Image', 'Command', 'RunningFor', 'Status', 'Ports', 'Names', ...(showSize ? ['Size'] : [])],
    quiet: 'ID',
    parsePrefix: 'failed to parse template',
    executePrefix: 'failed to execute template',
    label: (row, name) => row.Labels?.[name] ?? '',
    raw:
      'container_id: {{.ID}}\nimage: {{.Image}}\ncommand: {{.Command}}\ncreated_at: {{.CreatedAt}}\nstate: {{- pad .State 1 0}}\nstatus: {{- pad .Status 1 0}}\nnames: {{.Names}}\nlabels: {{- pad .Labels 1 0}}\nports: {{- pad .Ports 1 0}}\n' +
      (showSize ? 'size: {{.Size}}\n' : ''),
    fields: {
      ID: { header: 'CONTAINER ID', value: (row) => (trunc ? truncateId(row.Id) : row.Id) },
      Names: { header: 'NAMES', value: (row) => names(row, trunc) },
      Image: { header: 'IMAGE', value: (row) => image(row, trunc) },
      Command: { header: 'COMMAND', value: (row) => quoteCommand(trunc ? ellipsis(row.Command, 20) : row.Command) },
      CreatedAt: { header: 'CREATED AT', value: (row) => goTime(row.Created) },
      RunningFor: { header: 'CREATED', value: (row) => `${humanDuration(now - row.Created * 1000)} ago` },
      Platform: { header: 'PLATFORM', value: () => null },
      Ports: { header: 'PORTS', value: (row) => displayPorts(row.Ports) },
      State: { header: 'STATE', value: (row) => row.State },
      Status: { header: 'STATUS', value: (row) => row.Status },
      Size: { header: 'SIZE', value: size },
      Labels: {
        header: 'LABELS',
        value: (row) =>
          Object.entries(row.Labels ?? {})
            .map(([key, value]) => `${key}=${value}`)
            .sort()
            .join(','),
      },
      Mounts: { header: 'MOUNTS', value: mounts },
      LocalVolumes: {
        header: 'LOCAL VOLUMES',
        value: (row) => String((row.Mounts ?? []).filter((mount) => mount.Driver === 'local').length),
      },
      Networks: { header: 'NETWORKS', value: (row) => Object.keys(row.NetworkSettings?.Networks ?? {}).join(',') },
    },
  };
}
