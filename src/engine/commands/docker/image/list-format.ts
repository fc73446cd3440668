import { humanDuration, humanSize } from '../../../world/index.ts';
import { goTime, truncateId, type ListFormat } from '../framework/format.ts';

export interface ImageRow {
  Id: string;
  RepoTags: string[] | null;
  RepoDigests: string[] | null;
  Created: number;
  Size: number;
  SharedSize?: number;
  Containers?: number;
  Labels?: Record<string, string> | null;
}

export interface NamedImage {
  image: ImageRow;
  repository: string;
  tag: string;
  digest: string;
}

const none = '<none>';

/** One row for each name of each image. */
export function namedImages(images: readonly ImageRow[], digests: boolean): NamedImage[] {
  return images.flatMap((image) => {
    const tags = (image.RepoTags ?? []).filter((tag) => tag !== '<none>:<none>');
    const own = (image.RepoDigests ?? []).filter((digest) => digest !== '<none>@<none>');
    if (tags.length === 0 && own.length === 0) return [{ image, repository: none, tag: none, digest: none }];
    const rows: NamedImage[] = [];
    const repositories = [...new Set(tags.map(repositoryOf))];
    for (const repository of repositories) {
      const digest = own.find((name) => name.startsWith(`${repository}@`))?.split('@')[1] ?? none;
      for (const tag of tags.filter((name) => repositoryOf(name) === repository))
        rows.push({ image, repository, tag: tag.slice(repository.length + 1), digest: digests ? digest : none });
    }
    for (const name of own) {
      const [repository = '', digest = none] = name.split('@');
      if (!repositories.includes(repository))
        rows.push({ image, repository, tag: none, digest: digests ? digest : none });
    }
    return rows;
  });
}

function repositoryOf(tag: string): string {
  return tag.slice(0, tag.lastIndexOf(':'));
}

export function imageList(now: number, trunc: boolean, digests: boolean): ListFormat<NamedImage> {
  const unknown = (value: number | undefined) => (value === undefined || value === -1 ? 'N/A' : humanSize(value));
  return {
    type: '*formatter.imageContext',
    columns: ['Repository', 'Tag', ...(digests ? ['Digest'] : []), 'ID', 'CreatedSince', 'Size'],
    quiet: 'ID',
    raw: `repository: {{.Repository}}\n{{if .Tag}}tag: {{.Tag}}\n{{end}}${digests ? '{{if .Digest}}digest: {{.Digest}}\n{{end}}' : ''}image_id: {{.ID}}\ncreated_at: {{.CreatedAt}}\nvirtual_size: {{.Size}}\n`,
    fields: {
      Repository: { header: 'REPOSITORY', value: (row) => row.repository },
      Tag: { header: 'TAG', value: (row) => row.tag },
      Digest: { header: 'DIGEST', value: (row) => row.digest },
      ID: { header: 'IMAGE ID', value: (row) => (trunc ? truncateId(row.image.Id) : row.image.Id) },
      CreatedSince: { header: 'CREATED', value: (row) => `${humanDuration(now - row.image.Created * 1000)} ago` },
      CreatedAt: { header: 'CREATED AT', value: (row) => goTime(row.image.Created) },
      Size: { header: 'SIZE', value: (row) => humanSize(row.image.Size, 3) },
      Containers: {
        header: 'CONTAINERS',
        value: (row) =>
          row.image.Containers === undefined || row.image.Containers < 0 ? 'N/A' : String(row.image.Containers),
      },
      VirtualSize: { header: 'VIRTUAL SIZE', value: (row) => humanSize(row.image.Size) },
      SharedSize: { header: 'SHARED SIZE', value: (row) => unknown(row.image.SharedSize) },
      UniqueSize: {
        header: 'UNIQUE SIZE',
        value: (row) =>
          row.image.SharedSize === undefined || row.image.SharedSize === -1
            ? 'N/A'
            : humanSize(row.image.Size - row.image.SharedSize),
      },
    },
  };
}
