import { explorerPlugin } from '@graphiql/plugin-explorer';
import { GraphiQL, HISTORY_PLUGIN } from 'graphiql';
import { useMemo, useState } from 'react';
import { EXPLAIN_HEADER } from './cypher';
import { cypherPlugin, ServerShowsCypher } from './CypherPanel';
import { questions } from './examples';
import { examplesPlugin } from './ExamplesPanel';
import { createFetcher } from './fetcher';

const plugins = [examplesPlugin, cypherPlugin, explorerPlugin(), HISTORY_PLUGIN];

/** The server then returns the Cypher statement of each root field as `extensions.cypher`. */
const explainHeader = JSON.stringify({ [EXPLAIN_HEADER]: 'cypher' }, null, 2);

const questionTabs = questions.map(({ query }) => ({ query, headers: explainHeader }));

/** GraphiQL on our endpoint: a first visit opens on the questions, later ones on the visitor's own tabs. */
export function Playground() {
  const [serverShowsCypher, setServerShowsCypher] = useState(true);
  const fetcher = useMemo(() => createFetcher(setServerShowsCypher), []);
  return (
    <ServerShowsCypher value={serverShowsCypher}>
      <GraphiQL
        fetcher={fetcher}
        plugins={plugins}
        defaultTabs={questionTabs}
        defaultQuery=""
        defaultHeaders={explainHeader}
        defaultEditorToolsVisibility="headers"
        // Headers may hold a token, so they never go into the browser's storage.
        shouldPersistHeaders={false}
      >
        <GraphiQL.Logo>Dossier</GraphiQL.Logo>
      </GraphiQL>
    </ServerShowsCypher>
  );
}
