/** An example query, as a file `examples/NN-name.graphql` tells it. */
export interface Example {
  /** The first comment line. */
  title: string;
  /** The comment lines after the title, joined to one paragraph. */
  description: string;
  /** The whole file: what opens in a tab, comments included. */
  query: string;
}

/**
 * Reads an example from its source: a comment block whose first line is the title and whose other lines
 * are the description, then the operation.
 */
export function parseExample(source: string): Example {
  const query = source.trim() + '\n';
  const [title = '', ...description] = leadingComment(query);
  return { title, description: description.filter(Boolean).join(' '), query };
}

function leadingComment(source: string): string[] {
  const lines = source.split('\n');
  const end = lines.findIndex((line) => !line.startsWith('#'));
  return lines.slice(0, end).map((line) => line.slice(1).trim());
}

/** Every example, in the order of the file names. */
export const examples: Example[] = Object.entries(
  import.meta.glob<string>('../examples/*.graphql', { query: '?raw', import: 'default', eager: true }),
)
  .sort(([a], [b]) => a.localeCompare(b))
  .map(([, source]) => parseExample(source));

/** The examples that are questions: what a first visit opens on. */
export const questions = examples.filter(({ title }) => title.endsWith('?'));
