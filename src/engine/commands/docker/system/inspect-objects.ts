import { ExecError, ParseError, Template } from '../../../gotemplate/index.ts';
import type { Context } from '../framework/command.ts';
import { CliError, CliExit } from '../framework/errors.ts';
import { goJson, templateFunctions, templateJson } from '../framework/format.ts';
import { goTyped } from '../framework/go-types.ts';

/**
 * Prints objects as `inspect` does: one JSON array, or a template for each. What was found is shown before the first
 * error.
 * @param toJson how: the Engine's own answers, indented, have no escapes for HTML
 * @throws CliError with the errors, one a line
 */
export async function inspectObjects(
  context: Context,
  names: readonly string[],
  format: string,
  get: (name: string) => Promise<unknown>,
  toJson: typeof goJson = templateJson,
): Promise<void> {
  const { out } = context;
  let template: Template | undefined;
  if (format !== '' && format !== 'json')
    try {
      template = new Template('', { functions: templateFunctions, missingKey: 'error' }).parse(format);
    } catch (error) {
      if (!(error instanceof ParseError)) throw error;
      throw new CliError(`template parsing error: ${error.message}`, 64);
    }
  const found: unknown[] = [];
  const errors: string[] = [];
  let text = '';
  let broken: string | undefined;
  for (const name of names) {
    let value: unknown;
    try {
      value = await get(name);
    } catch (error) {
      if (!(error instanceof CliError)) throw error;
      errors.push(error.message);
      continue;
    }
    found.push(value);
    if (!template) continue;
    try {
      text += `${template.execute(goTyped(value, typeOf(value)))}\n`;
    } catch (error) {
      if (!(error instanceof ExecError)) throw error;
      broken = `template parsing error: ${error.message}`;
      break;
    }
  }
  if (template) await out(text === '' ? '\n' : text);
  else if (format === 'json') await out(`${goJson(found)}\n`);
  else await out(found.length === 0 ? '[]\n' : `${toJson(found, '    ')}\n`);
  if (broken !== undefined) throw new CliError(broken);
  if (errors.length > 0) throw new CliError(errors.join('\n'));
}

/** Which of the API's types an answer is. */
function typeOf(value: unknown): string {
  const has = (name: string) => typeof value === 'object' && value !== null && name in value;
  return has('RootFS') ? 'Image' : has('IPAM') ? 'Network' : has('HostConfig') ? 'Container' : 'any';
}

/** Whole numbers are integers to a template, as the CLI's types have them. */
export function goValue(value: unknown): unknown {
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : value;
  if (Array.isArray(value)) return value.map(goValue);
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, goValue(each)]));
  return value;
}

export { CliExit };
