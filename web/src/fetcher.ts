import { createGraphiQLFetcher, type Fetcher } from '@graphiql/toolkit';
import type { ExecutionResult } from 'graphql';
import { EXPLAIN_HEADER } from './cypher';

/** The endpoint beside the page, whatever path prefix a proxy puts before both. */
const endpoint = new URL('graphql', document.baseURI).href;

/** Sends operations to the endpoint; a server that cannot be reached is said so in the result pane. */
const send = createGraphiQLFetcher({
  url: endpoint,
  subscriptionUrl: endpoint.replace(/^http/, 'ws'),
  // The server answers each operation in one piece.
  enableIncrementalDelivery: false,
  async fetch(input, init) {
    try {
      return await fetch(input, init);
    } catch (error) {
      throw new Error(`No answer from ${endpoint}: start Dossier, then run the query again (${error})`);
    }
  },
});

/**
 * Makes a fetcher that sends operations to the endpoint. Each time the server was asked to show its statements,
 * onAsked hears whether it did: an answer alone does not tell a server that refuses from one that was not asked.
 */
export function createFetcher(onAsked: (shown: boolean) => void): Fetcher {
  return async (params, options) => {
    const answer = await send(params, options);
    const explain = new Headers(options?.headers).get(EXPLAIN_HEADER);
    const asked = explain === 'cypher' || explain === 'profile';
    const { data, extensions } = (answer ?? {}) as ExecutionResult;
    // Without data the operation may not have run at all.
    if (asked && data) onAsked(extensions?.cypher !== undefined);
    return answer;
  };
}
