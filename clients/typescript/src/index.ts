/**
 * Dossier for TypeScript: the schema's types, the questions of its playground as typed documents, and a client over fetch.
 *
 * @packageDocumentation
 */
export * from './client.js';
export * from './generated.js';
