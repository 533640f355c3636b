// Apollo Client: persisted queries by GET, a normalised cache with the schema's interfaces, and a connection page by page.
import { ApolloClient, HttpLink, InMemoryCache, gql } from '@apollo/client';
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries';
import { relayStylePagination } from '@apollo/client/utilities';
import { createHash } from 'node:crypto';

const requests = [];
const client = new ApolloClient({
  link: new PersistedQueryLink({ sha256: (text) => createHash('sha256').update(text).digest('hex'), useGETForHashedQueries: true }).concat(
    new HttpLink({
      uri: process.env.DOSSIER_URL + '/graphql',
      fetch: async (url, init) => {
        const response = await fetch(url, init);
        const text = init.method === 'GET' ? new URL(url).searchParams.get('query') : JSON.parse(init.body).query;
        requests.push(`${init.method} ${text ? 'with' : 'without'} the text: ${response.status}`);
        return response;
      },
    }),
  ),
  cache: new InMemoryCache({
    possibleTypes: { Entity: ['Company', 'Event', 'Person', 'Product'] },
    typePolicies: { Query: { fields: { people: relayStylePagination(['orderBy']) } } },
  }),
});

const PEOPLE = gql`
  query People($after: String) {
    people(first: 3, after: $after, orderBy: { field: NAME }) {
      edges { cursor node { id ...Name } }
      pageInfo { hasNextPage endCursor }
    }
  }
  fragment Name on Entity { name }
`;
const watched = client.watchQuery({ query: PEOPLE });
const result = await new Promise((resolve) => watched.subscribe((r) => !r.loading && resolve(r)));
const names = (data) => data.people.edges.map((e) => e.node.name).join(', ');
console.log(names(result.data));
await watched.fetchMore({ variables: { after: result.data.people.pageInfo.endCursor } });
console.log(names(client.readQuery({ query: PEOPLE })));
console.log(requests.join('\n'));
const { data } = await client.query({ query: gql`query Musk { person(id: "elon-musk") { id name coFounded { edges { node { id company { id name } } } } } }` });
console.log(data.person.name, client.cache.extract()['Company:openai'].name);
try {
  await client.query({ query: gql`query Wrong { people(first: -1) { totalCount } }` });
} catch (e) {
  console.log(e.errors[0].extensions.code, e.errors[0].path.join('.'));
}
client.stop();
