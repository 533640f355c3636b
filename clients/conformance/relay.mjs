// Relay's server specification: relay-compiler takes the schema, and relay-runtime pages through connections, of an
// object by node(id) and of the root.
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const url = process.env.DOSSIER_URL;
rmSync('generated', { recursive: true, force: true });
mkdirSync('generated/artifacts', { recursive: true });
const schema = await (await fetch(url + '/schema.graphql')).text();
writeFileSync('generated/schema.graphql', schema);
writeFileSync('generated/package.json', '{"type": "commonjs"}');
writeFileSync(
  'generated/relay.config.json',
  JSON.stringify({ src: '../relay', schema: 'schema.graphql', artifactDirectory: 'artifacts', language: 'javascript', eagerEsModules: false }),
);
const compiled = execFileSync('../node_modules/.bin/relay-compiler', ['relay.config.json'], { cwd: 'generated', encoding: 'utf8', stdio: 'pipe' });
console.log(compiled.match(/compiled documents: .*/)[0]);

const require = createRequire(import.meta.url);
const { Environment, Network, RecordSource, Store, createOperationDescriptor, fetchQuery, getSingularSelector } = require('relay-runtime');
const artifact = (name) => require(`./generated/artifacts/${name}.graphql.js`);

const asked = [];
const environment = new Environment({
  network: Network.create(async ({ text, name }, variables) => {
    asked.push(name);
    const response = await fetch(url + '/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json' },
      body: JSON.stringify({ query: text, variables }),
    });
    return response.json();
  }),
  store: new Store(new RecordSource()),
});
const run = (query, variables) => fetchQuery(environment, query, variables).toPromise();

// Reads a query and its paginated fragment, then the fragment's next page, and prints the pages' items.
const pages = async (query, variables, fragment, pagination, holder, field, label, refetch) => {
  await run(artifact(query), variables);
  const read = () => {
    const root = environment.lookup(createOperationDescriptor(artifact(query), variables).fragment).data;
    return environment.lookup(getSingularSelector(artifact(fragment), holder(root))).data;
  };
  const before = read()[field];
  console.log(before.edges.length, before.pageInfo.hasNextPage);
  await run(artifact(pagination), { count: 2, cursor: before.pageInfo.endCursor, ...refetch });
  console.log(read()[field].edges.map((e) => e.node[label]).join('\n'));
};
await pages('operationsMuskQuery', { id: 'elon-musk' }, 'operationsClaims_person', 'operationsClaimsPaginationQuery', (r) => r.person, 'claims', 'id', { id: 'elon-musk' });
await pages('operationsPeopleQuery', {}, 'operationsPeople_query', 'operationsPeoplePaginationQuery', (r) => r, 'people', 'name', {});
console.log(artifact('operationsClaimsPaginationQuery').params.text.includes('node(id: $id)') ? 'refetched by node(id)' : 'not refetched by node(id)');
