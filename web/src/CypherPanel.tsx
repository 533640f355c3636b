import { Button, tryParseJSONC, useGraphiQL, useGraphiQLActions, type GraphiQLPlugin } from '@graphiql/react';
import { createContext, useContext, useMemo, useState } from 'react';
import {
  EXPLAIN_HEADER, explanations, keywords, literal, runnable, type Explain, type Explanation, type Profile,
} from './cypher';

/** A GraphiQL side panel that shows the statements behind the answer in the result pane. */
export const cypherPlugin: GraphiQLPlugin = { title: 'Cypher', icon: CypherIcon, content: CypherPanel };

/** False once the server was asked for its statements and did not show them. */
export const ServerShowsCypher = createContext(true);

function CypherPanel() {
  const serverShowsCypher = useContext(ServerShowsCypher);
  const answer = useAnswer();
  const statements = useMemo(() => explanations(answer), [answer]);
  const profiled = statements?.some(({ profile }) => profile) ?? false;
  const run = useRunExplained();

  return (
    <section className="cypher" aria-label="Cypher">
      <h2>Cypher</h2>
      {!statements && !serverShowsCypher && (
        <p>
          This server does not show its statements. In production it does so only when started with{' '}
          <code>DOSSIER_EXPLAIN=true</code>.
        </p>
      )}
      {!statements && serverShowsCypher && (
        <p>
          Run a query with the header <code>{EXPLAIN_HEADER}: cypher</code> to see the statement behind each of its root fields.
        </p>
      )}
      {statements?.length === 0 && <p>No statement was run for this answer.</p>}
      {statements && statements.length > 0 && !profiled && (
        <p>
          With <code>{EXPLAIN_HEADER}: profile</code>, Neo4j also counts the db hits and rows of each step.
        </p>
      )}
      {/* One button that changes its words, so that it keeps the focus. */}
      <Button type="button" disabled={!run} onClick={() => run?.(statements && !profiled ? 'profile' : 'cypher')}>
        {profiled ? 'Run without profile' : statements ? 'Run with profile' : 'Run with Cypher'}
      </Button>
      {statements?.map((explanation) => <Statement key={explanation.field} {...explanation} />)}
    </section>
  );
}

/** The text in the result pane. While a query runs the pane is empty, and the answer before it stays. */
function useAnswer(): string {
  const current = useGraphiQL(({ tabs, activeTabIndex }) => tabs[activeTabIndex]?.response ?? '');
  const isFetching = useGraphiQL((state) => state.isFetching);
  const [answer, setAnswer] = useState(current);
  if (!isFetching && answer !== current) setAnswer(current);
  return answer;
}

/** Sets the header and runs the query; undefined while the editors load. */
function useRunExplained(): ((explain: Explain) => void) | undefined {
  const { run, updateActiveTabValues } = useGraphiQLActions();
  const headerEditor = useGraphiQL((state) => state.headerEditor);
  if (!headerEditor) return undefined;

  return (explain) => {
    const headers = withExplain(headerEditor.getValue(), explain);
    // Unlike setValue, an edit can be undone.
    headerEditor.executeEdits('cypher', [{ range: headerEditor.getModel()!.getFullModelRange(), text: headers }]);
    updateActiveTabValues({ headers });
    run();
  };
}

/** What is no JSON object is left as it is: running says what is wrong with it. */
function withExplain(headers: string, explain: Explain): string {
  try {
    const others = Object.entries(tryParseJSONC(headers) ?? {}).filter(
      ([name]) => name.toLowerCase() !== EXPLAIN_HEADER.toLowerCase(),
    );
    return JSON.stringify({ ...Object.fromEntries(others), [EXPLAIN_HEADER]: explain }, null, 2);
  } catch {
    return headers;
  }
}

function Statement(explanation: Explanation) {
  const { field, statement, parameters, profile } = explanation;
  return (
    <article aria-label={field}>
      <header>
        <h3>{field}</h3>
        <CopyButton label={`Copy the statement of ${field}`} text={runnable(explanation)} />
      </header>
      <pre>
        {statement.split('\n').map((line, index) => (
          <Line key={index}>{line}</Line>
        ))}
      </pre>
      {Object.keys(parameters).length > 0 && <Parameters {...parameters} />}
      {profile && <ProfileTable {...profile} />}
    </article>
  );
}

/** A line of Cypher. Where the panel is too narrow, it goes on below its own beginning, a little further in. */
function Line({ children }: { children: string }) {
  const indent = `${children.search(/\S|$/) + 2}ch`;
  return (
    <span style={{ paddingInlineStart: indent, textIndent: `-${indent}` }}>
      {keywords(children).map((part, index) => (index % 2 ? <b key={index}>{part}</b> : part))}
    </span>
  );
}

function CopyButton({ label, text }: { label: string; text: string }) {
  const [outcome, setOutcome] = useState('');

  async function copy() {
    try {
      await navigator.clipboard.writeText(text);
      setOutcome('Copied');
    } catch {
      // Browsers have no clipboard for pages that came unencrypted from another machine.
      setOutcome('The browser does not allow it: select the text');
    }
  }

  return (
    <>
      <span role="status">{outcome}</span>
      <Button type="button" aria-label={label} onClick={copy} onBlur={() => setOutcome('')}>
        Copy
      </Button>
    </>
  );
}

function Parameters(parameters: Record<string, unknown>) {
  return (
    <table>
      <caption>Parameters</caption>
      <tbody>
        {Object.entries(parameters).map(([name, value]) => (
          <tr key={name}>
            <th scope="row">
              <code>${name}</code>
            </th>
            <td>
              <code>{literal(value)}</code>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function ProfileTable({ dbHits, rows, operators }: Profile) {
  return (
    <table className="profile">
      <caption>Profile</caption>
      <thead>
        <tr>
          <th scope="col">Operator</th>
          <th scope="col">DB hits</th>
          <th scope="col">Rows</th>
        </tr>
      </thead>
      <tbody>
        <tr className="total">
          <th scope="row">Total</th>
          <td>{dbHits}</td>
          <td>{rows}</td>
        </tr>
        {operators.map((operator, index) => (
          <tr key={index}>
            <th scope="row" style={{ paddingInlineStart: `calc(${operator.depth} * var(--px-6))` }}>
              {operator.name}
            </th>
            <td>{operator.dbHits}</td>
            <td>{operator.rows}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function CypherIcon() {
  return (
    <svg viewBox="0 0 24 24" width="1em" height="1em" fill="none" stroke="currentColor" strokeWidth="1.5" aria-hidden="true">
      <circle cx="5" cy="12" r="3" />
      <circle cx="19" cy="12" r="3" />
      <path d="M8 12h7M12.5 9.5 15 12l-2.5 2.5" strokeLinecap="round" strokeLinejoin="round" />
    </svg>
  );
}
