/** The request header that asks for the statements behind an answer; its value says how much of them. */
export const EXPLAIN_HEADER = 'X-Dossier-Explain';
/** `profile` has Neo4j count its work, too. */
export type Explain = 'cypher' | 'profile';

/** How one root field was answered: an entry of an answer's `extensions.cypher`. */
export interface Explanation {
  /** The field's response key. */
  field: string;
  statement: string;
  parameters: Record<string, unknown>;
  profile?: Profile;
}

export interface Profile {
  dbHits: number;
  /** What all operators handed on, together. */
  rows: number;
  /** The plan as a tree, written down before its branches: the last step first. */
  operators: Operator[];
}

export interface Operator {
  name: string;
  /** Steps below the plan's last one, which has 0. */
  depth: number;
  dbHits: number;
  rows: number;
}

/** Reads the explanations from an answer's text; undefined where it holds none, or is no answer at all. */
export function explanations(answer: string): Explanation[] | undefined {
  try {
    const cypher: unknown = JSON.parse(answer)?.extensions?.cypher;
    return Array.isArray(cypher) ? cypher : undefined;
  } catch {
    return undefined;
  }
}

/** The statement with its parameters set before it, as Neo4j Browser and cypher-shell run it. */
export function runnable({ statement, parameters }: Explanation): string {
  const settings = Object.entries(parameters).map(([name, value]) => `:param ${symbol(name)} => ${literal(value)};\n`);
  return `${settings.join('')}${statement};\n`;
}

/** A JSON value as a Cypher literal. */
export function literal(value: unknown): string {
  if (typeof value === 'string') return text(value);
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  return `{${Object.entries(value).map(([key, item]) => `${symbol(key)}: ${literal(item)}`).join(', ')}}`;
}

/** On one line whatever it holds, since a :param command ends with its line. */
function text(value: string): string {
  const escaped = value
    .replace(/[\\']/g, '\\$&')
    .replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
  return `'${escaped}'`;
}

function symbol(name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) ? name : `\`${name.replaceAll('`', '``')}\``;
}

/** Splits a line of Cypher: every second part is a keyword. Keywords are in capitals, and so are types and labels. */
export function keywords(line: string): string[] {
  const parts = [''];
  for (const [part] of line.matchAll(/'(?:[^'\\]|\\.)*'|`[^`]*`|[:|]\w+|\$?\w+|[^]/g)) {
    if (/^[A-Z]{2,}$/.test(part)) parts.push(part, '');
    else parts[parts.length - 1] += part;
  }
  return parts;
}
