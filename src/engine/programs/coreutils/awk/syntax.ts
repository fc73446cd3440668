/** The syntax of awk (POSIX, and what mawk and gawk share). */

export type Expression =
  | { type: 'number'; value: number }
  | { type: 'string'; value: string }
  | { type: 'regex'; source: string }
  | { type: 'variable'; name: string }
  | { type: 'field'; index: Expression }
  | { type: 'index'; name: string; keys: Expression[] }
  | { type: 'assign'; operator: string; target: Expression; value: Expression }
  | { type: 'conditional'; test: Expression; yes: Expression; no: Expression }
  | { type: 'binary'; operator: string; left: Expression; right: Expression }
  | { type: 'match'; negated: boolean; left: Expression; right: Expression }
  | { type: 'unary'; operator: string; operand: Expression }
  | { type: 'step'; operator: '++' | '--'; prefix: boolean; target: Expression }
  | { type: 'in'; keys: Expression[]; name: string }
  | { type: 'call'; name: string; args: Expression[] }
  | { type: 'getline'; target: Expression | undefined; file: Expression | undefined; command: Expression | undefined }
  | { type: 'group'; items: Expression[] };

export type Statement =
  | { type: 'block'; body: Statement[] }
  | { type: 'expression'; value: Expression }
  | {
      type: 'print';
      args: Expression[];
      formatted: boolean;
      redirect: { operator: string; target: Expression } | undefined;
    }
  | { type: 'if'; test: Expression; yes: Statement; no: Statement | undefined }
  | { type: 'while'; test: Expression; body: Statement }
  | { type: 'do'; test: Expression; body: Statement }
  | {
      type: 'for';
      init: Statement | undefined;
      test: Expression | undefined;
      update: Statement | undefined;
      body: Statement;
    }
  | { type: 'forIn'; variable: string; array: string; body: Statement }
  | { type: 'break' }
  | { type: 'continue' }
  | { type: 'next' }
  | { type: 'nextfile' }
  | { type: 'exit'; status: Expression | undefined }
  | { type: 'return'; value: Expression | undefined }
  | { type: 'delete'; name: string; keys: Expression[] | undefined };

export interface Rule {
  kind: 'begin' | 'end' | 'main';
  pattern: Expression | undefined;
  /** The end of a range pattern. */
  to: Expression | undefined;
  action: Statement | undefined;
}

export interface AwkFunction {
  name: string;
  parameters: string[];
  body: Statement;
}

export interface AwkProgram {
  rules: Rule[];
  functions: Map<string, AwkFunction>;
}
