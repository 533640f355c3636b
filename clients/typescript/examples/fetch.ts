// How are two things connected, and what does each step rest on? With the package's own client, over fetch:
//
//     DOSSIER_URL=http://127.0.0.1:8080 npm run example:fetch -- microsoft tesla
import { ConnectedDocument, createClient, DossierError } from '@dossier/client';

const { DOSSIER_URL = 'http://127.0.0.1:8080' } = process.env;
const [from = 'microsoft', to = 'tesla'] = process.argv.slice(2);
const client = createClient({ url: `${DOSSIER_URL}/graphql`, persisted: true });

try {
  const { paths } = await client.query(ConnectedDocument, { from, to });
  for (const { nodes, relationships } of paths) {
    console.log(nodes.map(({ name }) => name).join(' - '));
    for (const { kind, claims } of relationships) {
      const [claim] = claims.nodes;
      const speaker = claim?.attributedTo.map(({ name }) => `${name}: `).join('') ?? '';
      console.log(`  ${kind}  ${speaker}${claim?.statement}`);
    }
  }
} catch (error) {
  if (!(error instanceof DossierError)) throw error;
  console.error(`${error.code} at ${error.path?.join('.')}: ${error.message}`);
  process.exitCode = 1;
}
