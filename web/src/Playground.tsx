import { explorerPlugin } from '@graphiql/plugin-explorer';
import { useGraphiQL, useGraphiQLActions } from '@graphiql/react';
import { GraphiQL, HISTORY_PLUGIN } from 'graphiql';
import { useEffect, useMemo, useState } from 'react';
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
  const [timesBack, setTimesBack] = useState(0);
  const fetcher = useMemo(() => createFetcher({ onBack: () => setTimesBack((n) => n + 1), onAsked: setServerShowsCypher }), []);
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
        <GraphiQL.Logo>
          Dossier
          <SchemaWhenBack timesBack={timesBack} />
          <EditorsInSystemColours />
        </GraphiQL.Logo>
      </GraphiQL>
    </ServerShowsCypher>
  );
}

/** Asks for the schema again when the server is back, of those times that it was away when it was asked. */
function SchemaWhenBack({ timesBack }: { timesBack: number }) {
  const { introspect } = useGraphiQLActions();
  useEffect(() => {
    if (timesBack > 0) void introspect();
  }, [timesBack]);
  return null;
}

/** Has the editors follow when the system's colours change; the rest of the page does so by itself. */
function EditorsInSystemColours() {
  const { setTheme } = useGraphiQLActions();
  const theme = useGraphiQL((state) => state.theme);
  useEffect(() => {
    const dark = matchMedia('(prefers-color-scheme: dark)');
    const follow = () => setTheme(theme);
    dark.addEventListener('change', follow);
    return () => dark.removeEventListener('change', follow);
  }, [theme, setTheme]);
  return null;
}
