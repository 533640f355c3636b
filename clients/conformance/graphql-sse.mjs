// graphql-sse, in the distinct connections mode.
import { createClient } from 'graphql-sse';

const client = createClient({ url: process.env.DOSSIER_URL + '/graphql', retryAttempts: 0 });
const first = async (query, variables) => {
  for await (const result of client.iterate({ query, variables })) return result;
};
console.log('query', JSON.stringify(await first('{ person(id: "elon-musk") { name } }')));
const { data } = await first('{ changes(first: 1) { nodes { cursor } } }');
const seen = [];
for await (const { data: next } of client.iterate({ query: 'subscription($after: String!) { changed(after: $after) { operation } }', variables: { after: data.changes.nodes[0].cursor } })) {
  if (seen.push(next.changed.operation) === 3) break;
}
console.log('subscription', seen.join(' '));
console.log('errors', (await first('{ nobody }')).errors[0].extensions.code);
client.dispose();
