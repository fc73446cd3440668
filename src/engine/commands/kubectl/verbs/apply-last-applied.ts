import { toYaml } from '../../../yaml/index.ts';
import { configurationOf, lastApplied, lastAppliedAnnotation } from '../apply/last-applied.ts';
import type { Command, Context } from '../framework/command.ts';
import { completeResources } from '../framework/completion.ts';
import { CommandError, usageError } from '../framework/errors.ts';
import {
  dryRunFlag,
  fieldManagerFlag,
  filenameFlags,
  filenameOptions,
  selectorFlag,
  validateFlag,
} from '../framework/file-flags.ts';
import { dryRunOf, fieldValidation, operation } from '../framework/write-options.ts';
import { runEditor } from '../edit/run.ts';
import { printerFor, printFlags } from '../printers/options.ts';
import { printWith } from '../printers/write.ts';
import { refresh } from '../resource/builder.ts';
import { isNotFound } from '../framework/errors.ts';

/** `kubectl apply view-last-applied`. */
export const viewLastApplied: Command = {
  use: 'view-last-applied (TYPE [NAME | -l label] | TYPE/NAME | -f FILENAME)',
  short: 'View the latest last-applied-configuration annotations of a resource/object',
  long: 'View the latest last-applied-configuration annotations by type/name or file.\n\nShown as YAML unless -o says otherwise.',
  examples: '# Of a Deployment\nkubectl apply view-last-applied deployment/web',
  flags: [
    { name: 'all', type: 'bool', usage: 'Take all resources of the types in the namespace.' },
    ...filenameFlags('to look up'),
    {
      name: 'output',
      shorthand: 'o',
      type: 'string',
      default: 'yaml',
      usage: 'Output format. Must be one of (yaml, json)',
    },
    selectorFlag,
  ],
  complete: completeResources,
  run: async (context) => {
    const { flags, args, factory } = context;
    const format = flags.string('output');
    if (format !== 'json' && format !== 'yaml')
      throw usageError(context, `Unexpected -o output mode: ${format}, the flag 'output' must be one of yaml|json`);
    const { namespace, explicit } = factory.namespace();
    const result = await factory
      .builder()
      .namespaceParam(namespace)
      .defaultNamespace()
      .filenameParam(explicit, filenameOptions(flags))
      .resourceTypeOrNameArgs(explicit, args)
      .selectAllParam(flags.bool('all'))
      .labelSelectorParam(flags.string('selector'))
      .latest()
      .flatten()
      .do();
    await result.visit(async (info) => {
      const text = lastApplied(info.object);
      if (text === undefined) return;
      const value = JSON.parse(text) as unknown;
      await context.out(format === 'yaml' ? toYaml(value) : `${JSON.stringify(value, undefined, 2)}\n`);
    });
  },
};

/** `kubectl apply set-last-applied`. */
export const setLastApplied: Command = {
  use: 'set-last-applied -f FILENAME',
  short: 'Set the last-applied-configuration annotation on a live object to match the contents of a file',
  long: 'Set the annotation that apply compares with to what a file says, without changing anything else of the object.',
  examples: '# To what the file says\nkubectl apply set-last-applied -f web.yaml',
  flags: [
    ...printFlags,
    { name: 'create-annotation', type: 'bool', usage: 'Also make the annotation where there is none.' },
    dryRunFlag,
    ...filenameFlags('that carry the configuration').filter((f) => f.name === 'filename'),
  ],
  run: async (context) => {
    const { flags, factory } = context;
    const dryRun = await dryRunOf(context);
    const printer = printerFor(context.process, flags, { operation: operation('configured', dryRun) })!;
    const { namespace, explicit } = factory.namespace();
    const result = await factory
      .builder()
      .namespaceParam(namespace)
      .defaultNamespace()
      .filenameParam(explicit, { filenames: flags.strings('filename') })
      .flatten()
      .do();
    await result.visit(async (info) => {
      const annotation = configurationOf(info.object, false);
      await refresh(factory, info).catch((error: unknown) => {
        throw isNotFound(error) ? error : new CommandError(`retrieving current configuration of:\n${info.name}`);
      });
      if (lastApplied(info.object) === undefined && !flags.bool('create-annotation'))
        throw new CommandError(
          `no last-applied-configuration annotation found on resource: ${info.name}, to create the annotation, run the command with --create-annotation`,
        );
      if (annotation === lastApplied(info.object))
        return context.out(`set-last-applied ${info.name}: no changes required.\n`);
      if (dryRun !== 'client')
        info.object = await factory
          .client()
          .patch(
            info.mapping,
            info.namespace,
            info.name,
            'merge',
            { metadata: { annotations: { [lastAppliedAnnotation]: annotation } } },
            { dryRun: dryRun === 'server', fieldManager: 'kubectl-client-side-apply' },
          );
      await printWith(context, printer, [info.object]);
    });
  },
};

/** `kubectl apply edit-last-applied`. */
export const editLastApplied: Command = {
  use: 'edit-last-applied (RESOURCE/NAME | -f FILENAME)',
  short: 'Edit latest last-applied-configuration annotations of a resource/object',
  long: 'Edit the annotation that apply compares with, in the editor.',
  examples: '# Of a Deployment\nkubectl apply edit-last-applied deployment/web',
  flags: [
    ...printFlags,
    fieldManagerFlag('kubectl-client-side-apply'),
    ...filenameFlags('to edit'),
    validateFlag,
    { name: 'windows-line-endings', type: 'bool', usage: 'End lines as Windows does.' },
  ],
  complete: completeResources,
  run: (context: Context) =>
    runEditor(context, {
      mode: 'last-applied',
      dryRun: 'none',
      fieldValidation: fieldValidation(context.flags.string('validate')),
    }),
};
