import type { Command } from '../framework/command.ts';
import { completeResources } from '../framework/completion.ts';
import { CommandError } from '../framework/errors.ts';
import {
  fieldManagerFlag,
  filenameFlags,
  filenameOptions,
  hasFilenames,
  validateFlag,
} from '../framework/file-flags.ts';
import { recordFlag } from '../framework/record.ts';
import { fieldValidation } from '../framework/write-options.ts';
import { printFlags } from '../printers/options.ts';
import { runEditor } from '../edit/run.ts';

/** `kubectl edit`. */
export const edit: Command = {
  use: 'edit (RESOURCE/NAME | -f FILENAME)',
  short: 'Edit a resource on the server',
  long: `Edit a resource on the server, in the editor of KUBE_EDITOR or EDITOR, else vi.

What the editor saves is compared with what was opened, and the difference is sent as a patch. If the server refuses it, the file is opened again with the reasons on top.`,
  examples: `# A Service
kubectl edit svc/web

# In another editor
KUBE_EDITOR="nano" kubectl edit svc/web

# A Deployment, as JSON
kubectl edit deployment/web -o json`,
  flags: [
    ...printFlags,
    fieldManagerFlag('kubectl-edit'),
    ...filenameFlags('to edit'),
    { name: 'output-patch', type: 'bool', usage: 'Show the patch if the resource is edited.' },
    recordFlag,
    {
      name: 'save-config',
      type: 'bool',
      usage: 'If true, the object carries its configuration as an annotation, for a later kubectl apply.',
    },
    { name: 'subresource', type: 'string', usage: 'Subresource to edit instead of the object itself.' },
    validateFlag,
    { name: 'windows-line-endings', type: 'bool', usage: 'End lines as Windows does.' },
  ],
  complete: completeResources,
  run: async (context) => {
    const { flags, args } = context;
    if (args.length === 0 && !hasFilenames(filenameOptions(flags)))
      throw new CommandError(
        "You must provide one or more resources by argument or filename.\nExample resource specifications include:\n   '-f rsrc.yaml'\n   '--filename=rsrc.json'\n   '<resource> <name>'\n   '<resource>'",
      );
    await runEditor(context, {
      mode: 'edit',
      dryRun: 'none',
      fieldValidation: fieldValidation(flags.string('validate')),
      subresource: flags.string('subresource') || undefined,
    });
  },
};
