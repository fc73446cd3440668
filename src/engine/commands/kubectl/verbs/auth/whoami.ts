import { formatValue } from '../../../../gotemplate/index.ts';
import type { ApiObject } from '../../client/types.ts';
import type { Command } from '../../framework/command.ts';
import { sortedEntries } from '../../describe/format.ts';
import { CommandError, isStatus } from '../../framework/errors.ts';
import { printFlags, printerFor } from '../../printers/options.ts';
import { alignColumns } from '../../printers/tabwriter.ts';
import { printWith } from '../../printers/write.ts';

interface UserInfo {
  username?: string;
  uid?: string;
  groups?: string[];
  extra?: Record<string, string[]>;
}

export const whoami: Command = {
  use: 'whoami',
  short: 'Experimental: Check self subject attributes',
  long: 'Shows who you are for the server: user name, groups and further attributes.',
  examples: `# Who I am
kubectl auth whoami

# As JSON
kubectl auth whoami -o json`,
  flags: printFlags,
  async run(context) {
    const { factory, flags, process } = context;
    const printer = printerFor(process, flags);
    const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview', metadata: {} };
    const review = await factory
      .client()
      .json<ApiObject>({ method: 'POST', path: '/apis/authentication.k8s.io/v1/selfsubjectreviews', body })
      .catch((error: unknown) => {
        if (isStatus(error, 'Forbidden'))
          throw new CommandError(
            'the selfsubjectreviews API is not enabled in the cluster or you do not have permission to call it',
          );
        throw error;
      });
    if (printer) return printWith(context, printer, [review]);
    const { userInfo = {} } = (review.status ?? {}) as { userInfo?: UserInfo };
    const rows: string[][] = [['ATTRIBUTE', 'VALUE']];
    if (userInfo.username) rows.push(['Username', userInfo.username]);
    if (userInfo.uid) rows.push(['UID', userInfo.uid]);
    if (userInfo.groups?.length) rows.push(['Groups', formatValue(userInfo.groups)]);
    for (const [key, values] of sortedEntries(userInfo.extra)) rows.push([`Extra: ${key}`, formatValue(values)]);
    await context.out(alignColumns(rows.map((cells) => `${cells.join('\t')}\n`).join(''), { minWidth: 6, padding: 3 }));
  },
};
