import { completeName } from '../../framework/completion.ts';
import type { ApiObject } from '../../client/types.ts';
import type { Command } from '../../framework/command.ts';
import { CommandError, errorText } from '../../framework/errors.ts';
import { isCommandFailure } from '../../framework/failure.ts';
import { singleName } from '../../framework/write-options.ts';
import { printerFor, printFlags } from '../../printers/options.ts';
import { printWith } from '../../printers/write.ts';
import { mappings } from './mappings.ts';

const boundKinds: Record<string, string> = { Pod: 'v1', Secret: 'v1', Node: 'v1' };

/** `kubectl create token`. */
export const createToken: Command = {
  use: 'token SERVICE_ACCOUNT_NAME',
  complete: completeName('serviceaccount'),
  short: 'Request a service account token',
  long: 'Request a service account token.',
  examples: `# A token for the API server as the service account myapp
kubectl create token myapp

# One that lasts an hour
kubectl create token myapp --duration 1h`,
  flags: [
    ...printFlags,
    {
      name: 'audience',
      type: 'stringArray',
      usage: 'Who the token is for; by default the API server. May be given several times.',
    },
    {
      name: 'bound-object-kind',
      type: 'string',
      usage: `Kind of an object that the token ends with: ${Object.keys(boundKinds).sort().join(', ')}.`,
    },
    { name: 'bound-object-name', type: 'string', usage: 'Name of that object.' },
    { name: 'bound-object-uid', type: 'string', usage: 'UID of that object.' },
    { name: 'duration', type: 'duration', usage: 'How long the token shall last; the server decides if not given.' },
  ],
  run: async (context) => {
    const { flags } = context;
    const name = singleName(context);
    const duration = flags.duration('duration');
    if (duration < 0) throw new CommandError('--duration must be greater than or equal to 0');
    if (duration % 1000 !== 0) throw new CommandError('--duration cannot be expressed in units less than seconds');
    const kind = flags.string('bound-object-kind');
    const boundName = flags.string('bound-object-name');
    const uid = flags.string('bound-object-uid');
    if (kind === '') {
      if (boundName !== '')
        throw new CommandError('--bound-object-name can only be set if --bound-object-kind is provided');
      if (uid !== '') throw new CommandError('--bound-object-uid can only be set if --bound-object-kind is provided');
    } else {
      if (!boundKinds[kind])
        throw new CommandError(`supported --bound-object-kind values are ${Object.keys(boundKinds).sort().join(', ')}`);
      if (boundName === '')
        throw new CommandError('--bound-object-name is required if --bound-object-kind is provided');
    }
    const audiences = flags.strings('audience');
    const request = {
      kind: 'TokenRequest',
      apiVersion: 'authentication.k8s.io/v1',
      metadata: {},
      spec: {
        audiences: audiences.length > 0 ? audiences : null,
        expirationSeconds: duration > 0 ? duration / 1000 : null,
        boundObjectRef:
          kind === '' ? null : { kind, apiVersion: boundKinds[kind], name: boundName, ...(uid === '' ? {} : { uid }) },
      },
      status: { token: '', expirationTimestamp: null },
    };
    let response: ApiObject;
    try {
      response = await context.factory
        .client()
        .create(mappings.serviceAccounts, context.factory.namespace().namespace, request, {
          name,
          subresource: 'token',
        });
    } catch (error) {
      throw isCommandFailure(error) ? new CommandError(`failed to create token: ${errorText(error)}`) : error;
    }
    const token = (response.status as { token?: string } | undefined)?.token ?? '';
    if (token === '') throw new CommandError('failed to create token: no token in server response');
    const printer = printerFor(context.process, flags, { typed: true });
    if (printer) await printWith(context, printer, [response]);
    else await context.out(`${token}\n`);
  },
};
