import { explorerPlugin } from '@graphiql/plugin-explorer';
import { GraphiQL, HISTORY_PLUGIN } from 'graphiql';
import { examples } from './examples';
import { examplesPlugin } from './ExamplesPanel';
import { fetcher } from './fetcher';

const plugins = [examplesPlugin, explorerPlugin(), HISTORY_PLUGIN];

/** The server then returns the Cypher statement of each operation as `extensions.cypher`. */
const explainHeader = JSON.stringify({ 'X-Dossier-Explain': 'cypher' }, null, 2);

const exampleTabs = examples.map(({ query }) => ({ query, headers: explainHeader }));

/** GraphiQL on our endpoint: a first visit opens on the examples, later ones on the visitor's own tabs. */
export function Playground() {
  return (
    <GraphiQL
      fetcher={fetcher}
      plugins={plugins}
      defaultTabs={exampleTabs}
      defaultQuery=""
      defaultHeaders={explainHeader}
      defaultEditorToolsVisibility="headers"
      // Headers may hold a token, so they never go into the browser's storage.
      shouldPersistHeaders={false}
    >
      <GraphiQL.Logo>Dossier</GraphiQL.Logo>
    </GraphiQL>
  );
}
