// The graph served by @neo4j/graphql and Apollo Server, on the Neo4j of NEO4J_URI, NEO4J_USERNAME and NEO4J_PASSWORD:
// one of the servers that the bench compares. It serves until it is interrupted, on a port that it prints. Its argument
// is an object, as JSON, of the questions' hand-written Cypher statements by their names.
import { readFile } from "node:fs/promises";
import { ApolloServer } from "@apollo/server";
import { startStandaloneServer } from "@apollo/server/standalone";
import { Neo4jGraphQL } from "@neo4j/graphql";
import neo4j from "neo4j-driver";

const { NEO4J_URI, NEO4J_USERNAME, NEO4J_PASSWORD } = process.env;
const driver = neo4j.driver(NEO4J_URI, neo4j.auth.basic(NEO4J_USERNAME, NEO4J_PASSWORD), {
  maxConnectionPoolSize: 64, // as many as the other servers have
  telemetryDisabled: true,
});
const statements = JSON.parse(process.argv[2]);
const types = await readFile(new URL("types.graphql", import.meta.url), "utf8");
const comparable = { GT: true, GTE: true, LT: true, LTE: true };
const graph = new Neo4jGraphQL({
  typeDefs: types.replace(/\$\{(.+?)\}/g, (_, name) => statements[name].replace(/\nRETURN [^\n]*$/, "")),
  driver,
  features: { filters: { String: comparable, ID: comparable } },
});
const server = new ApolloServer({ schema: await graph.getSchema() });
const { url } = await startStandaloneServer(server, {
  listen: { host: "127.0.0.1", port: 0 },
  context: async () => ({ sessionConfig: { database: "neo4j" } }),
});
console.log(`Listening on ${url}`);
