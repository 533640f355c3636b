import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { print, type GraphQLFormattedError } from 'graphql';

export interface ClientOptions {
  /** The endpoint, for example http://127.0.0.1:8080/graphql. */
  url: string;
  /** Sent with every request; a function is called for each, so that a token can change. */
  headers?: HeadersInit | (() => HeadersInit);
  /** What to use in place of the global fetch. */
  fetch?: typeof globalThis.fetch;
  /**
   * Send an operation's SHA-256 in place of its text, which follows only where the server does not know it. Needs Web
   * Crypto, which pages have only over https and on localhost.
   */
  persisted?: boolean;
}

export interface Client {
  /** Asks a typed document. Rejects with a DossierError when the answer has errors, and as fetch does without an answer. */
  query<Result, Variables>(
    document: TypedDocumentNode<Result, Variables>,
    // Variables that all have defaults need not be given.
    ...variables: {} extends Variables ? [variables?: Variables] : [variables: Variables]
  ): Promise<Result>;
}

/** An answer with errors. The first of them gives message, code and path. */
export class DossierError extends Error {
  override readonly name = 'DossierError';
  /** What kind of error it is, for example BAD_USER_INPUT; undefined when what answered was not Dossier. */
  readonly code: string | undefined;
  /** The field's place in the answer, for errors of one field. */
  readonly path: ReadonlyArray<string | number> | undefined;

  constructor(
    message: string,
    readonly errors: readonly GraphQLFormattedError[] = [],
    /** What could be answered all the same. */
    readonly data?: unknown,
  ) {
    super(message);
    this.code = errors[0]?.extensions?.['code'] as string | undefined;
    this.path = errors[0]?.path;
  }
}

interface Answer {
  data?: unknown;
  errors?: readonly GraphQLFormattedError[];
}

/** Makes a client of one Dossier. It keeps nothing between requests. */
export function createClient({ url, headers, fetch = globalThis.fetch, persisted = false }: ClientOptions): Client {
  async function send(body: object): Promise<Answer> {
    const all = new Headers(typeof headers === 'function' ? headers() : headers);
    all.set('Content-Type', 'application/json');
    all.set('Accept', 'application/graphql-response+json, application/json;q=0.9');
    const response = await fetch(url, { method: 'POST', headers: all, body: JSON.stringify(body) });
    const answer = await response.json().catch(() => undefined) as Answer | undefined;
    if (answer?.data === undefined && !answer?.errors?.length) {
      throw new DossierError(`${url} answered with status ${response.status} and no GraphQL: is it Dossier's endpoint?`);
    }
    return answer;
  }

  return {
    async query<Result, Variables>(document: TypedDocumentNode<Result, Variables>, variables?: Variables) {
      const query = print(document);
      let answer: Answer;
      if (persisted) {
        const extensions = { persistedQuery: { version: 1, sha256Hash: await sha256(query) } };
        answer = await send({ variables, extensions });
        if (answer.errors?.[0]?.extensions?.['code'] === 'PERSISTED_QUERY_NOT_FOUND') {
          answer = await send({ query, variables, extensions });
        }
      } else {
        answer = await send({ query, variables });
      }
      const { data, errors } = answer;
      if (errors?.length) throw new DossierError(errors[0]!.message, errors, data);
      return data as Result;
    },
  };
}

/** In lower-case hexadecimal, of the text as UTF-8. */
async function sha256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
