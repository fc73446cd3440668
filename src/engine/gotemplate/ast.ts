import { quote } from './format.ts';

/** The parsed form of a template. `position` is an offset into the source; errors turn it into line and column. */
export type Node = TextNode | ActionNode | IfNode | RangeNode | WithNode | TemplateNode | BreakNode | ContinueNode;

export interface TextNode {
  kind: 'text';
  position: number;
  text: string;
}

export interface ActionNode {
  kind: 'action';
  position: number;
  pipe: Pipe;
}

interface Branch {
  position: number;
  pipe: Pipe;
  body: Node[];
  otherwise?: Node[];
}

export interface IfNode extends Branch {
  kind: 'if';
}
export interface RangeNode extends Branch {
  kind: 'range';
}
export interface WithNode extends Branch {
  kind: 'with';
}
export interface TemplateNode {
  kind: 'template';
  position: number;
  name: string;
  pipe?: Pipe;
}
export interface BreakNode {
  kind: 'break';
  position: number;
}
export interface ContinueNode {
  kind: 'continue';
  position: number;
}

export interface Pipe {
  kind: 'pipe';
  position: number;
  /** Variables set by the pipeline, with their `$`. */
  variables: string[];
  /** `=` rather than `:=`. */
  assigns: boolean;
  commands: Command[];
}

export interface Command {
  kind: 'command';
  position: number;
  operands: Operand[];
}

export type Operand =
  | { kind: 'identifier'; position: number; name: string }
  | { kind: 'field'; position: number; names: string[] }
  | { kind: 'variable'; position: number; names: string[] }
  | { kind: 'chain'; position: number; operand: Operand; names: string[] }
  | { kind: 'dot'; position: number }
  | { kind: 'nil'; position: number }
  | { kind: 'bool'; position: number; value: boolean }
  | { kind: 'number'; position: number; text: string; value: bigint | number }
  | { kind: 'string'; position: number; text: string; value: string }
  | Pipe;

/** A node as Go prints it in error texts (its String method). */
export function printNode(node: Operand | Command | Node): string {
  switch (node.kind) {
    case 'text':
      return quote(node.text);
    case 'action':
      return `{{${printNode(node.pipe)}}}`;
    case 'if':
    case 'range':
    case 'with': {
      const otherwise = node.otherwise ? `{{else}}${node.otherwise.map(printNode).join('')}` : '';
      return `{{${node.kind} ${printNode(node.pipe)}}}${node.body.map(printNode).join('')}${otherwise}{{end}}`;
    }
    case 'template':
      return `{{template ${quote(node.name)}${node.pipe ? ' ' + printNode(node.pipe) : ''}}}`;
    case 'break':
    case 'continue':
      return `{{${node.kind}}}`;
    case 'pipe': {
      const declaration = node.variables.length > 0 ? `${node.variables.join(', ')} ${node.assigns ? '=' : ':='} ` : '';
      return declaration + node.commands.map(printNode).join(' | ');
    }
    case 'command':
      return node.operands.map((o) => (o.kind === 'pipe' ? `(${printNode(o)})` : printNode(o))).join(' ');
    case 'identifier':
      return node.name;
    case 'field':
      return node.names.map((n) => '.' + n).join('');
    case 'variable':
      return node.names.join('.');
    case 'chain': {
      const inner = printNode(node.operand);
      return (node.operand.kind === 'pipe' ? `(${inner})` : inner) + node.names.map((n) => '.' + n).join('');
    }
    case 'dot':
      return '.';
    case 'nil':
      return 'nil';
    case 'bool':
      return String(node.value);
    default:
      return node.text;
  }
}
