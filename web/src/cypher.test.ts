import { describe, expect, test } from 'vitest';
import { explanations, keywords, literal, runnable } from './cypher';

describe('explanations', () => {
  test('of an answer', () => {
    const cypher = [{ field: 'person', statement: 'RETURN 1', parameters: {} }];
    expect(explanations(JSON.stringify({ data: {}, extensions: { cypher } }))).toEqual(cypher);
  });

  test('an answer that took no statement', () => expect(explanations('{"extensions": {"cypher": []}}')).toEqual([]));

  test.each(['', 'null', '{"data": {}}', '{"extensions": null}', '{"extensions": {"cypher": "no list"}}', 'Bad gateway'])(
    'none in %j',
    (answer) => expect(explanations(answer)).toBeUndefined(),
  );
});

describe('literal', () => {
  test.each<[unknown, string]>([
    ['elon-musk', `'elon-musk'`],
    ["it's", String.raw`'it\'s'`],
    ['"quoted"', `'"quoted"'`],
    [String.raw`C:\users`, String.raw`'C:\\users'`],
    ['two\nlines\u2028', String.raw`'two\u000alines\u2028'`],
    ['Ünï 🚀', `'Ünï 🚀'`],
    ['', `''`],
    [101, '101'],
    [-0.5, '-0.5'],
    [1e21, '1e+21'],
    [true, 'true'],
    [null, 'null'],
    [['SUED', 'LEFT'], `['SUED', 'LEFT']`],
    [[], '[]'],
    [{ date: '2018', text: 'in 2018' }, `{date: '2018', text: 'in 2018'}`],
    [{ 'a key': { b: 1 }, '`': 2 }, '{`a key`: {b: 1}, ````: 2}'],
    [{}, '{}'],
  ])('%j', (value, want) => expect(literal(value)).toBe(want));
});

describe('runnable', () => {
  test('sets every parameter before the statement', () => {
    const statement = 'MATCH (person1:Person {id: $id})\nRETURN [person1.id] AS answer';
    expect(runnable({ field: 'person', statement, parameters: { id: "o'neil", limit: 11, 'first kind': ['LEFT'] } })).toBe(
      ":param id => 'o\\'neil';\n" +
        ':param limit => 11;\n' +
        ":param `first kind` => ['LEFT'];\n" +
        'MATCH (person1:Person {id: $id})\nRETURN [person1.id] AS answer;\n',
    );
  });

  test('without parameters', () => {
    expect(runnable({ field: 'a', statement: 'RETURN 1', parameters: {} })).toBe('RETURN 1;\n');
  });
});

describe('keywords', () => {
  const marked = (line: string) => keywords(line).map((part, i) => (i % 2 ? `<${part}>` : part)).join('');

  test.each([
    ['  MATCH (p:Person)', '  <MATCH> (p:Person)'],
    ['RETURN x ORDER BY x.id', '<RETURN> x <ORDER> <BY> x.id'],
    ['-[r:LEFT|SUED|CO_FOUNDED]->', '-[r:LEFT|SUED|CO_FOUNDED]->'],
    ["WHEN type(r) = 'LEFT' THEN ['IN \\' OR']", "<WHEN> type(r) = 'LEFT' <THEN> ['IN \\' OR']"],
    ['n.`AND`, n.x IN $IN', 'n.`AND`, n.x <IN> $IN'],
    ["date('9999-12-31')", "date('9999-12-31')"],
    ['', ''],
  ])('%s', (line, want) => expect(marked(line)).toBe(want));
});
