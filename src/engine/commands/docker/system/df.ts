import { humanDuration, humanSize } from '../../../world/index.ts';
import { containerList, type ContainerRow } from '../container/list-format.ts';
import type { Command } from '../framework/command.ts';
import { flag } from '../framework/flags.ts';
import { formatList, type ListFormat } from '../framework/format.ts';
import { imageList, namedImages, type ImageRow } from '../image/list-format.ts';

export interface DiskUsage {
  LayersSize: number;
  Images: (ImageRow & { Containers: number; SharedSize: number })[];
  Containers: (ContainerRow & { SizeRw: number })[];
  Volumes: { Name: string; UsageData: { RefCount: number; Size: number } }[];
  BuildCache: { Size: number; InUse: boolean; Shared: boolean }[] | null;
}

interface Row {
  type: string;
  total: number;
  active: number;
  size: number;
  reclaimable: number;
  /** No percentage where nothing is. */
  plain?: boolean;
}

function rows(usage: DiskUsage): Row[] {
  const used = usage.Images.filter((image) => image.Containers > 0);
  const usedSize = used.reduce((sum, image) => sum + image.Size - Math.max(0, image.SharedSize), 0);
  const containers = usage.Containers;
  const active = containers.filter((container) => ['running', 'paused', 'restarting'].includes(container.State));
  const size = (list: readonly { SizeRw: number }[]) => list.reduce((sum, each) => sum + each.SizeRw, 0);
  const volumes = usage.Volumes;
  const volumeSize = (list: typeof volumes) => list.reduce((sum, each) => sum + Math.max(0, each.UsageData.Size), 0);
  const idle = volumes.filter((volume) => volume.UsageData.RefCount === 0);
  const cache = usage.BuildCache ?? [];
  const cacheSize = cache.reduce((sum, entry) => sum + (entry.Shared ? 0 : entry.Size), 0);
  return [
    {
      type: 'Images',
      total: usage.Images.length,
      active: used.length,
      size: usage.LayersSize,
      reclaimable: Math.max(0, usage.LayersSize - usedSize),
    },
    {
      type: 'Containers',
      total: containers.length,
      active: active.length,
      size: size(containers),
      reclaimable: size(containers) - size(active),
    },
    {
      type: 'Local Volumes',
      total: volumes.length,
      active: volumes.length - idle.length,
      size: volumeSize(volumes),
      reclaimable: volumeSize(idle),
    },
    {
      type: 'Build Cache',
      total: cache.length,
      active: cache.filter((entry) => entry.InUse).length,
      size: cacheSize,
      reclaimable: cacheSize,
      plain: true,
    },
  ];
}

const summary: ListFormat<Row> = {
  type: '*formatter.diskUsageContext',
  columns: ['Type', 'TotalCount', 'Active', 'Size', 'Reclaimable'],
  fields: {
    Type: { header: 'TYPE', value: (row) => row.type },
    TotalCount: { header: 'TOTAL', value: (row) => String(row.total) },
    Active: { header: 'ACTIVE', value: (row) => String(row.active) },
    Size: { header: 'SIZE', value: (row) => humanSize(row.size) },
    Reclaimable: {
      header: 'RECLAIMABLE',
      value: (row) =>
        `${humanSize(row.reclaimable)}${row.size > 0 && !row.plain ? ` (${Math.trunc((row.reclaimable / row.size) * 100)}%)` : ''}`,
    },
  },
};

export const df: Command = {
  use: 'df [OPTIONS]',
  short: 'Show docker disk usage',
  args: [0, 0],
  flags: [flag('format', 'string', 'table, json or a template'), flag('verbose,v', 'bool', 'Show each object')],
  run: async ({ client, flags, out, process }) => {
    const usage = await client.json<DiskUsage>('GET', '/system/df');
    const format = flags.string('format');
    if (!flags.bool('verbose')) return out(formatList(summary, rows(usage), { format }));
    await out(verbose(usage, process.world.clock.now()));
  },
};

function verbose(usage: DiskUsage, now: number): string {
  const images = imageList(now, true, false);
  const containers = containerList(now, true, true);
  // One row for each image, under its first name.
  const imageRows = usage.Images.map((image) => namedImages([image], false)[0]!);
  const unique: typeof images = {
    ...images,
    fields: {
      ...images.fields,
      SharedSize: { header: 'SHARED SIZE', value: ({ image }) => humanSize(image.SharedSize ?? 0) },
      UniqueSize: { header: 'UNIQUE SIZE', value: ({ image }) => humanSize(image.Size - (image.SharedSize ?? 0)) },
      Containers: { header: 'CONTAINERS', value: ({ image }) => String(image.Containers ?? 0) },
    },
  };
  const sized: typeof containers = {
    ...containers,
    fields: { ...containers.fields, Size: { header: 'SIZE', value: (row) => humanSize(row.SizeRw ?? 0, 3) } },
  };
  let text = 'Images space usage:\n\n';
  text += formatList(unique, imageRows, {
    columns: ['Repository', 'Tag', 'ID', 'CreatedSince', 'Size', 'SharedSize', 'UniqueSize', 'Containers'],
  });
  text += '\nContainers space usage:\n\n';
  text += formatList(sized, usage.Containers, {
    columns: ['ID', 'Image', 'Command', 'LocalVolumes', 'Size', 'RunningFor', 'Status', 'Names'],
  });
  text += '\nLocal Volumes space usage:\n\n';
  text += formatList<DiskUsage['Volumes'][number]>(
    {
      type: '*formatter.volumeContext',
      columns: ['Name', 'Links', 'Size'],
      fields: {
        Name: { header: 'VOLUME NAME', value: (row) => row.Name },
        Links: { header: 'LINKS', value: (row) => String(row.UsageData.RefCount) },
        Size: { header: 'SIZE', value: (row) => humanSize(row.UsageData.Size) },
      },
    },
    usage.Volumes,
    {},
  );
  const cache = (usage.BuildCache ?? []) as unknown as Record<string, unknown>[];
  text += `\nBuild cache usage: ${humanSize(rows(usage)[3]!.size)}\n\n`;
  text += formatList<Record<string, unknown>>(
    {
      type: '*formatter.buildCacheContext',
      columns: ['ID', 'CacheType', 'Size', 'CreatedSince', 'LastUsedSince', 'UsageCount', 'Shared'],
      fields: {
        ID: { header: 'CACHE ID', value: (row) => String(row.ID ?? '').slice(0, 12) },
        CacheType: { header: 'CACHE TYPE', value: (row) => row.Type },
        Size: { header: 'SIZE', value: (row) => humanSize(Number(row.Size), 3) },
        CreatedSince: {
          header: 'CREATED',
          value: (row) => `${humanDuration(now - Date.parse(String(row.CreatedAt)))} ago`,
        },
        LastUsedSince: {
          header: 'LAST USED',
          value: (row) => (row.LastUsedAt ? `${humanDuration(now - Date.parse(String(row.LastUsedAt)))} ago` : ''),
        },
        UsageCount: { header: 'USAGE', value: (row) => String(row.UsageCount ?? 0) },
        Shared: { header: 'SHARED', value: (row) => String(row.Shared ?? false) },
      },
    },
    cache,
    {},
  );
  return text;
}
