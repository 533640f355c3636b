import { Kind, parse } from 'graphql';
import { describe, expect, test } from 'vitest';
import { examples, parseExample, questions } from './examples';

describe('parseExample', () => {
  test('title, description and query', () => {
    const source = '# Who left\n#\n# Departures, with the\n# reasons given.\nquery WhoLeft { people { totalCount } }';
    expect(parseExample(source)).toEqual({
      title: 'Who left',
      description: 'Departures, with the reasons given.',
      query: source + '\n',
    });
  });

  test('comments inside the operation are not the description', () => {
    const example = parseExample('# Title\n\n# not part of it\nquery Q { a }');
    expect(example).toMatchObject({ title: 'Title', description: '' });
  });

  test('a file without a comment has no title', () => {
    expect(parseExample('query Q { a }')).toMatchObject({ title: '', description: '', query: 'query Q { a }\n' });
  });
});

describe('the examples', () => {
  const name = (query: string) => {
    const operations = parse(query).definitions.filter((d) => d.kind === Kind.OPERATION_DEFINITION);
    return operations.length === 1 ? operations[0]?.name?.value : undefined;
  };

  test('a first visit opens on five of them', () => {
    expect(questions).toEqual(examples.slice(0, 5));
    expect(examples.length).toBeGreaterThan(10);
  });

  // The tab of an example shows its operation's name.
  test.each(examples)('$title: says what it shows, in one named operation', ({ title, description, query }) => {
    expect(title).not.toBe('');
    expect(description).not.toBe('');
    expect(name(query)).toBeDefined();
  });

  test('titles and operation names are unique', () => {
    expect(new Set(examples.map((e) => e.title)).size).toBe(examples.length);
    expect(new Set(examples.map((e) => name(e.query))).size).toBe(examples.length);
  });
});
