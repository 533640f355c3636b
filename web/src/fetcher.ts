import type { Fetcher, FetcherOpts, FetcherParams } from '@graphiql/toolkit';
import { getOperationAST, type ExecutionResult } from 'graphql';
import { createClient } from 'graphql-ws';
import { EXPLAIN_HEADER } from './cypher';

/** The endpoint beside the page, whatever path prefix a proxy puts before both. */
const endpoint = new URL('graphql', document.baseURI).href;

/** What subscriptions are sent over: opened with the first one, and again, for some seconds, where it breaks. */
const socket = createClient({ url: endpoint.replace(/^http/, 'ws'), retryAttempts: 3 });

/** Said in the result pane; an Error would show its stack there. */
const noAnswer = (why: string) => ({ message: `No answer from ${endpoint}: start Dossier, then run the query again (${why})` });

/** Who hears of what comes back. */
interface Listener {
  /** The server answers, which it did not when it was asked for its schema. */
  onBack(): void;
  /** It was asked to show its statements, and did so or not: an answer alone does not tell one that refuses from one not asked. */
  onAsked(shown: boolean): void;
}

/** Makes a fetcher that sends operations to the endpoint. GraphiQL can stop whatever it has sent. */
export function createFetcher({ onBack, onAsked }: Listener): Fetcher {
  let withoutSchema = false;
  const answered = () => {
    if (withoutSchema) onBack();
    withoutSchema = false;
  };
  return (params, options) => {
    if (isSubscription(params, options)) return live(params, answered);
    return cancelable(async (signal) => {
      const answer = await post(params, options, signal).catch((error) => {
        withoutSchema ||= params.operationName === 'IntrospectionQuery';
        throw error;
      });
      answered();
      const explain = new Headers(options?.headers).get(EXPLAIN_HEADER);
      // Without data the operation may not have run at all.
      if ((explain === 'cypher' || explain === 'profile') && answer.data) onAsked(answer.extensions?.cypher !== undefined);
      return answer;
    });
  };
}

const isSubscription = ({ operationName }: FetcherParams, options?: FetcherOpts) =>
  options?.documentAST !== undefined && getOperationAST(options.documentAST, operationName)?.operation === 'subscription';

async function post(params: FetcherParams, options: FetcherOpts | undefined, signal: AbortSignal): Promise<ExecutionResult> {
  const headers = { 'Content-Type': 'application/json', ...options?.headers };
  let response: Response;
  try {
    response = await fetch(endpoint, { method: 'POST', headers, body: JSON.stringify(params), signal });
  } catch (error) {
    throw noAnswer(String(error));
  }
  try {
    return await response.json();
  } catch {
    throw { message: `${endpoint} answers with status ${response.status} and no JSON: something between here and Dossier may have answered` };
  }
}

/** An answer as GraphiQL can stop waiting for it: a stream of one. */
function cancelable<T>(work: (signal: AbortSignal) => Promise<T>): AsyncIterableIterator<T> {
  const aborter = new AbortController();
  const done = { done: true, value: undefined } as const;
  let begun = false;
  return {
    async next() {
      if (begun) return done;
      begun = true;
      try {
        const value = await work(aborter.signal);
        return aborter.signal.aborted ? done : { value };
      } catch (error) {
        if (aborter.signal.aborted) return done;
        throw error;
      }
    },
    async return() {
      aborter.abort();
      return done;
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

/** The answers to a subscription; answered hears of each. */
function live({ query, operationName, variables }: FetcherParams, answered: () => void): AsyncIterableIterator<ExecutionResult> {
  const answers = socket.iterate<ExecutionResult['data']>({ query, operationName, variables }) as AsyncIterableIterator<ExecutionResult>;
  return {
    async next() {
      try {
        const answer = await answers.next();
        answered();
        return answer;
      } catch (error) {
        if (Array.isArray(error)) return { value: { errors: error } }; // refused
        const { code, reason } = error as CloseEvent;
        throw noAnswer(code ? [code, reason].filter(Boolean).join(': ') : 'the WebSocket cannot be opened');
      }
    },
    async return() {
      return answers.return!();
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
