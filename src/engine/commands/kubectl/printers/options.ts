import type { Process } from '../../../process/index.ts';
import { FsError } from '../../../world/index.ts';
import { CommandError } from '../framework/errors.ts';
import type { FlagSpec, FlagValues } from '../framework/flags.ts';
import { quote } from '../framework/values.ts';
import { customColumns, customColumnsTemplate } from './custom-columns.ts';
import { dataPrinter, namePrinter } from './data.ts';
import type { Printer } from './printer.ts';
import { goTemplatePrinter, jsonPathPrinter } from './templates.ts';

const templateFormats = [
  'go-template',
  'go-template-file',
  'template',
  'templatefile',
  'jsonpath',
  'jsonpath-as-json',
  'jsonpath-file',
];
const basicFormats = ['json', 'yaml', 'kyaml', 'name', ...templateFormats];
const columnFormats = ['custom-columns', 'custom-columns-file'];

const templateUsage =
  'Template to use with -o=go-template and the like, or the path of its file. Its language is that of Go (https://pkg.go.dev/text/template).';

/** `-o` and its companions, for commands that print what they did (genericclioptions.PrintFlags). */
export const printFlags: readonly FlagSpec[] = [
  {
    name: 'allow-missing-template-keys',
    type: 'bool',
    default: true,
    usage:
      'If true, a field or map key that a template names and the object lacks is no error. Only for Go and JSONPath templates.',
  },
  {
    name: 'output',
    shorthand: 'o',
    type: 'string',
    usage: `Output format. One of: (${basicFormats.join(', ')}).`,
  },
  { name: 'show-managed-fields', type: 'bool', usage: 'If true, managedFields are kept in JSON and YAML output.' },
  { name: 'template', type: 'string', usage: templateUsage },
];

/** The same for `get`, which has tables. */
export const getPrintFlags: readonly FlagSpec[] = printFlags.map((flag) =>
  flag.name === 'output'
    ? {
        ...flag,
        usage: `Output format. One of: (${[...basicFormats, ...columnFormats, 'wide'].join(', ')}). Custom columns are described at https://kubernetes.io/docs/reference/kubectl/#custom-columns.`,
        values: [...basicFormats, ...columnFormats, 'wide'],
      }
    : flag,
);

export interface PrinterOptions {
  /** Also custom columns and `wide` (which the caller handles). */
  columns?: boolean;
  /** For the default and `-o name`: what was done, e.g. `created (dry run)`. */
  operation?: string;
  /** Objects have their keys in the order of the API's types (made here, not read from a server). */
  typed?: boolean;
  /** If `-o` isn't given. */
  defaultFormat?: string;
}

/** The format of `-o` and the template in it: `jsonpath={.x}` is ['jsonpath', '{.x}']. */
export function outputFormat(flags: FlagValues): { format: string; template: string } {
  const output = flags.string('output');
  let template = flags.string('template');
  if (output === '') return { format: template === '' ? '' : 'go-template', template };
  const at = output.indexOf('=');
  const format = at < 0 ? output : output.slice(0, at);
  if (at >= 0 && (templateFormats.includes(format) || columnFormats.includes(format))) {
    template = output.slice(at + 1);
    return { format, template };
  }
  return { format: output, template };
}

/** A printer for the formats that need no table. Undefined if `-o` is not given, or for tables. @throws CommandError */
export function printerFor(process: Process, flags: FlagValues, options: PrinterOptions = {}): Printer | undefined {
  const { format, template } = outputFormat(flags);
  const allowMissingKeys = flags.bool('allow-missing-template-keys');
  const managed = flags.bool('show-managed-fields');
  const chosen = format === '' ? (options.defaultFormat ?? '') : format;
  const needTemplate = () => {
    if (template === '') throw new CommandError('template format specified but no template given');
    return template;
  };
  const file = () => readTemplate(process, needTemplate());
  switch (chosen) {
    case '':
      return options.operation === undefined ? undefined : namePrinter(options.operation);
    case 'json':
    case 'yaml':
    case 'kyaml':
      return dataPrinter(chosen, managed, options.typed);
    case 'name':
      return namePrinter();
    case 'go-template':
    case 'template':
      return goTemplatePrinter(needTemplate(), allowMissingKeys);
    case 'go-template-file':
    case 'templatefile':
      return goTemplatePrinter(file(), allowMissingKeys);
    case 'jsonpath':
    case 'jsonpath-as-json':
      return jsonPathPrinter(needTemplate(), { allowMissingKeys, asJson: chosen === 'jsonpath-as-json' });
    case 'jsonpath-file':
      return jsonPathPrinter(file(), { allowMissingKeys, asJson: false });
  }
  if (options.columns) {
    const noHeaders = flags.bool('no-headers');
    if (chosen === 'wide') return undefined;
    if (chosen === 'custom-columns') return customColumns(template, noHeaders);
    if (chosen === 'custom-columns-file') {
      if (template === '') throw new CommandError('custom-columns format specified but no custom columns given');
      return customColumnsTemplate(readTemplate(process, template), noHeaders);
    }
  }
  const allowed = [...basicFormats, ...(options.columns ? [...columnFormats, 'wide'] : [])].sort();
  throw new CommandError(
    `unable to match a printer suitable for the output format ${quote(flags.string('output'))}, allowed formats are: ${allowed.join(',')}`,
  );
}

function readTemplate(process: Process, path: string): string {
  try {
    return process.machine.fs.readText(process.path(path));
  } catch (error) {
    if (error instanceof FsError)
      throw new CommandError(`error reading --template ${path}, open ${path}: ${error.message.toLowerCase()}\n`);
    throw error;
  }
}
