// The audits of GraphQL over HTTP that npm's graphql-http has, against DOSSIER_URL: prints how many pass, and each that
// does not with its reason.
import { auditServer } from 'graphql-http';

const results = await auditServer({ url: process.env.DOSSIER_URL + '/graphql' });
console.log(`${results.filter((r) => r.status === 'ok').length} of ${results.length} audits pass`);
for (const { status, id, name, reason } of results) {
  if (status !== 'ok') console.log(`${status} ${id} ${name}: ${reason}`);
}
