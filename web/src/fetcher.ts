import { createGraphiQLFetcher } from '@graphiql/toolkit';

/** The endpoint beside the page, whatever path prefix a proxy puts before both. */
const endpoint = new URL('graphql', document.baseURI).href;

/** Sends operations to the endpoint; a server that cannot be reached is said so in the result pane. */
export const fetcher = createGraphiQLFetcher({
  url: endpoint,
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
