// graphql-ws, and what its protocol closes a WebSocket for.
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';

const url = process.env.DOSSIER_URL.replace('http', 'ws') + '/graphql';

let ponged;
const pong = new Promise((resolve) => (ponged = resolve));
const client = createClient({ url, webSocketImpl: WebSocket, keepAlive: 50, on: { pong: (received) => received && ponged() } });

const first = async (query, variables) => {
  for await (const result of client.iterate({ query, variables })) return result; // and unsubscribe
};
console.log('query', JSON.stringify(await first('{ person(id: "elon-musk") { name } }')));
const { data } = await first('{ changes(first: 1) { nodes { cursor } } }');
const change = await first('subscription($after: String!) { changed(after: $after) { operation } }', { after: data.changes.nodes[0].cursor });
console.log('subscription', JSON.stringify(change));
try {
  await first('{ nobody }');
} catch (errors) {
  console.log('errors', errors[0].extensions.code);
}
await pong;
console.log('ping is answered');
await client.dispose();

// Sends messages one by one, each after as many answers as are given with it, and prints how the server closes.
const closes = (name, messages, protocol = 'graphql-transport-ws') =>
  new Promise((resolve) => {
    const socket = new WebSocket(url, protocol);
    let answers = 0;
    const send = () => {
      while (messages.length && messages[0].after <= answers) socket.send(messages.shift().text);
    };
    socket.on('open', send);
    socket.on('message', () => (answers++, send()));
    socket.on('close', (code, reason) => resolve(console.log(name, code, String(reason))));
  });
const message = (after, m) => ({ after, text: typeof m === 'string' ? m : JSON.stringify(m) });
const init = message(0, { type: 'connection_init' });
const waiting = { query: 'subscription { changed { id } }' };
await closes('subscribe before init', [message(0, { type: 'subscribe', id: '1', payload: { query: '{ __typename }' } })]);
await closes('init twice', [init, message(1, { type: 'connection_init' })]);
await closes('one id twice', [init, message(1, { type: 'subscribe', id: '1', payload: waiting }), message(1, { type: 'subscribe', id: '1', payload: waiting })]);
await closes('no JSON', [message(0, '{')]);
await closes('unknown type', [init, message(1, { type: 'start', id: '1', payload: {} })]);
await closes('ping before init, then no init', [message(0, { type: 'ping' }), message(1, { type: 'pong' })]);
