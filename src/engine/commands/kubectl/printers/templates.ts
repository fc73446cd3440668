import { entry, ExecError, isMap, ParseError, sprintf, Template, type FunctionMap } from '../../../gotemplate/index.ts';
import { decodeBase64 } from '../client/base64.ts';
import type { ApiObject } from '../client/types.ts';
import { CommandError } from '../framework/errors.ts';
import { quote } from '../framework/values.ts';
import { JsonPath, JsonPathError } from '../jsonpath/index.ts';
import { withIntegers } from './go-values.ts';
import { goJson } from './json.ts';
import type { Printer } from './printer.ts';

/** `-o jsonpath=…` and `-o jsonpath-as-json=…`. @throws CommandError for a template that can't be parsed */
export function jsonPathPrinter(template: string, options: { allowMissingKeys: boolean; asJson: boolean }): Printer {
  let path: JsonPath;
  try {
    path = new JsonPath(template, { allowMissingKeys: options.allowMissingKeys, outputJson: options.asJson });
  } catch (error) {
    if (error instanceof JsonPathError)
      throw new CommandError(`error parsing jsonpath ${template}, ${error.message}\n`);
    throw error;
  }
  return {
    print(object) {
      try {
        return path.print(object);
      } catch (error) {
        if (!(error instanceof JsonPathError)) throw error;
        const details = `Error executing template: ${error.message}. Printing more information for debugging the template:\n\ttemplate was:\n\t\t${template}\n\tobject given to jsonpath engine was:\n\t\t${sprintf('%#v', withIntegers(object))}\n\n`;
        throw new CommandError(`error executing jsonpath ${quote(template)}: ${details}\n`);
      }
    },
  };
}

const functions: FunctionMap = {
  base64decode: {
    arity: [1, 1],
    parameters: ['string'],
    call: (text: string) => {
      const bad = invalidBase64At(text);
      if (bad !== undefined) throw new Error(`base64 decode failed: illegal base64 data at input byte ${bad}`);
      return new TextDecoder().decode(decodeBase64(text));
    },
  },
  exists: { arity: [1, Infinity], call: exists as (...args: never[]) => unknown },
};

/** Where strict standard base64 breaks; undefined if it is fine. Line breaks do not count. */
function invalidBase64At(text: string): number | undefined {
  const good = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
  if (good.test(text.replace(/[\r\n]/g, ''))) return undefined;
  const at = text.search(/[^A-Za-z0-9+/\r\n]/);
  return at < 0 ? text.length : at;
}

/** Whether `index` with these arguments finds something. */
function exists(item: unknown, ...keys: unknown[]): boolean {
  let current = item;
  for (const key of keys) {
    if (Array.isArray(current) && typeof key === 'bigint') current = current[Number(key)];
    else if (isMap(current) && typeof key === 'string') current = entry(current, key);
    else return false;
  }
  return current !== undefined && current !== null;
}

/** `-o go-template=…`. @throws CommandError for a template that can't be parsed */
export function goTemplatePrinter(source: string, allowMissingKeys: boolean): Printer {
  let template: Template;
  try {
    template = new Template('output', { missingKey: allowMissingKeys ? 'default' : 'error', functions }).parse(source);
  } catch (error) {
    if (error instanceof ParseError) throw new CommandError(`error parsing template ${source}, ${error.message}\n`);
    throw error;
  }
  return {
    print(object: ApiObject) {
      try {
        return template.execute(withIntegers(object));
      } catch (error) {
        if (!(error instanceof ExecError)) throw error;
        throw new TemplateFailure(source, error.message, object);
      }
    },
  };
}

/** A template failed while running: what there is to know goes to stdout, the error to stderr. */
export class TemplateFailure extends CommandError {
  readonly details: string;
  constructor(source: string, message: string, object: ApiObject) {
    super(`error executing template ${quote(source)}: ${message}`);
    this.details = `Error executing template: ${message}. Printing more information for debugging the template:\n\ttemplate was:\n\t\t${source}\n\traw data was:\n\t\t${goJson(object)}\n\tobject given to template engine was:\n\t\t${sprintf('%+v', withIntegers(object))}\n\n`;
  }
}
