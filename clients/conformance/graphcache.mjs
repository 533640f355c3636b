// urql with Graphcache, which knows the schema, and a connection page by page.
import { Client, fetchExchange, gql } from '@urql/core';
import { cacheExchange } from '@urql/exchange-graphcache';
import { relayPagination } from '@urql/exchange-graphcache/extras';
import { getIntrospectionQuery } from 'graphql';

const url = process.env.DOSSIER_URL + '/graphql';
const ask = async (query) => {
  const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ query }) });
  return (await response.json()).data;
};
const schema = await ask(getIntrospectionQuery());
const warnings = [];
const client = new Client({
  url,
  preferGetMethod: false,
  exchanges: [cacheExchange({ schema, resolvers: { Query: { people: relayPagination() } }, logger: (_, text) => text.startsWith('No value') || warnings.push(text) }), fetchExchange],
});
const PEOPLE = gql`
  query People($after: String) {
    people(first: 3, after: $after, orderBy: { field: NAME }) {
      edges { node { __typename id ...Name } }
      pageInfo { hasNextPage endCursor }
    }
  }
  fragment Name on Entity { name }
`;
const page = async (variables) => {
  const { data, error } = await client.query(PEOPLE, variables);
  if (error) throw error;
  console.log(data.people.edges.map((e) => e.node.name).join(', '));
  return data.people.pageInfo.endCursor;
};
await page({ after: await page({}) });
const { data } = await client.query(gql`{ person(id: "elon-musk") { id name left { nodes { id company { id name } } } } }`, {});
console.log(data.person.name, data.person.left.nodes[0].company.name);
console.log('from the cache', client.readQuery(gql`{ person(id: "elon-musk") { id name } }`, {}).data.person.name);
console.log([`${warnings.length} warnings`, ...warnings].join('\n'));
