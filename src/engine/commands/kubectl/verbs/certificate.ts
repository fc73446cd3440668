import type { ICertificateSigningRequest } from 'kubernetes-models/certificates.k8s.io/v1/CertificateSigningRequest';
import { live } from '../describe/describer.ts';
import type { Command, Context } from '../framework/command.ts';
import { helpText } from '../framework/help.ts';
import { CommandError } from '../framework/errors.ts';
import { filenameFlags, filenameOptions, hasFilenames } from '../framework/file-flags.ts';
import { printFlags, printerFor } from '../printers/options.ts';
import { printWith } from '../printers/write.ts';

interface Decision {
  verb: 'approve' | 'deny';
  done: string;
  type: 'Approved' | 'Denied';
  reason: string;
}

function decisionCommand(decision: Decision, about: { short: string; long: string; examples: string }): Command {
  return {
    use: `${decision.verb} (-f FILENAME | NAME)`,
    ...about,
    flags: [
      ...printFlags,
      ...filenameFlags('to update'),
      { name: 'force', type: 'bool', usage: 'Update the request even if it has been decided on.' },
    ],
    run: (context) => decide(context, decision),
  };
}

async function decide(context: Context, { verb, done, type, reason }: Decision): Promise<void> {
  const { args, flags, factory, process } = context;
  const files = filenameOptions(flags);
  if (args.length === 0 && !hasFilenames(files))
    throw new CommandError('one or more CSRs must be specified as <name> or -f <filename>');
  const result = await factory
    .builder()
    .continueOnError()
    .filenameParam(false, files)
    .resourceNames('certificatesigningrequest', ...args)
    .requireObject(true)
    .flatten()
    .latest()
    .do();
  const printer = printerFor(process, flags, { operation: done })!;
  await result.visit(async ({ mapping, name, object }) => {
    const request = live<ICertificateSigningRequest>(object);
    const conditions = request.status.conditions ?? [];
    const opposite = type === 'Approved' ? 'Denied' : 'Approved';
    if (conditions.some((c) => c.type === opposite))
      throw new CommandError(`certificate signing request ${JSON.stringify(name)} is already ${opposite}`);
    let changed = object;
    if (!conditions.some((c) => c.type === type) || flags.bool('force')) {
      const now = process.world.clock.timestamp();
      const condition = {
        type,
        status: 'True',
        reason,
        message: `This CSR was ${done} by kubectl certificate ${verb}.`,
        lastUpdateTime: now,
      };
      const status = { ...request.status, conditions: [...conditions.filter((c) => c.type !== type), condition] };
      changed = await factory.client().replace(mapping, '', name, { ...object, status }, { subresource: 'approval' });
    }
    await printWith(context, printer, [changed]);
  });
}

export const certificate: Command = {
  use: 'certificate SUBCOMMAND',
  short: 'Modify certificate resources',
  commands: [
    decisionCommand(
      { verb: 'approve', done: 'approved', type: 'Approved', reason: 'KubectlApprove' },
      {
        short: 'Approve a certificate signing request',
        long: `Approves a certificate signing request: the signer may now issue a certificate for whom it names.

Mind who asks: with the certificate they can act as that subject. Look at the request before approving it.`,
        examples: `# Approve the request 'csr-sqgzp'
kubectl certificate approve csr-sqgzp`,
      },
    ),
    decisionCommand(
      { verb: 'deny', done: 'denied', type: 'Denied', reason: 'KubectlDeny' },
      {
        short: 'Deny a certificate signing request',
        long: 'Denies a certificate signing request: no certificate is issued for it.',
        examples: `# Deny the request 'csr-sqgzp'
kubectl certificate deny csr-sqgzp`,
      },
    ),
  ],
  async run(context) {
    if (context.args.length > 0)
      throw new CommandError(
        `unknown command ${JSON.stringify(context.args.join(' '))}\nSee '${context.path} -h' for help and examples`,
      );
    await context.out(helpText([context.root, context.command]));
  },
};
