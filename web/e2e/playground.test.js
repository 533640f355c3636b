// The playground in a real browser, against a running Dossier: `DOSSIER_URL=http://localhost:8080 npm run e2e`.
//
// CHROMIUM names the browser (default /usr/bin/chromium). EXPECTED is a text that the first question's answer
// must hold (default OpenAI). SCREENSHOTS names a folder to leave pictures in.

import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { chromium } from 'playwright-core';

const { DOSSIER_URL, CHROMIUM = '/usr/bin/chromium', EXPECTED = 'OpenAI', SCREENSHOTS } = process.env;
if (!DOSSIER_URL) throw new Error('DOSSIER_URL is not set: give the address of a running Dossier, such as http://localhost:8080');
const base = new URL(DOSSIER_URL.replace(/\/?$/, '/')); // with a path prefix, where a proxy adds one

const folder = new URL('../examples/', import.meta.url);
const sources = readdirSync(folder).sort().map((name) => readFileSync(new URL(name, folder), 'utf8'));
const examples = sources.map((source) => ({
  source,
  title: /^# (.*)/.exec(source)[1],
  /** A tab shows the name of its operation. */
  operation: /^(?:query|subscription) (\w+)/m.exec(source)[1],
}));
/** What a first visit opens on. */
const questions = examples.filter(({ title }) => title.endsWith('?'));
/** The example of an operation. */
const example = (name) => examples.find(({ operation }) => operation === name);

let browser;
before(async () => {
  if (SCREENSHOTS) mkdirSync(SCREENSHOTS, { recursive: true });
  browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: [
      '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
      '--disable-background-networking', '--disable-component-update', '--disable-sync',
    ],
  });
});
after(() => browser?.close());

/** Opens the playground as a new visitor, runs steps(page), and fails on anything that a page must not do but what is expected. */
async function visit(steps, { expected = /^$/, before, ...options } = {}) {
  const context = await browser.newContext({ baseURL: base.href, viewport: { width: 1440, height: 900 }, ...options });
  context.setDefaultTimeout(30_000);
  const faults = [];
  context.on('request', (request) => {
    const { origin, protocol } = new URL(request.url());
    if (protocol !== 'data:' && origin !== base.origin) faults.push(`request to another host: ${request.url()}`);
  });
  context.on('requestfailed', (request) => {
    const { errorText } = request.failure();
    // Leaving a page cancels what it is still loading.
    if (errorText !== 'net::ERR_ABORTED') faults.push(`failed request: ${request.url()} ${errorText}`);
  });
  context.on('response', (response) => {
    if (response.status() >= 400) faults.push(`${response.status()} for ${response.url()}`);
  });
  context.on('weberror', (error) => faults.push(`uncaught: ${error.error().stack}`));
  context.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) faults.push(`console ${message.type()}: ${message.text()}`);
  });
  // Not every violation of the security policy reaches the console.
  await context.exposeFunction('reportViolation', (what) => faults.push(`security policy: ${what}`));
  await context.addInitScript(() =>
    addEventListener('securitypolicyviolation', (e) => reportViolation(`${e.violatedDirective} ${e.blockedURI}`)),
  );
  try {
    const page = await context.newPage();
    await before?.(page);
    await page.goto('playground');
    await page.getByRole('tab').first().waitFor();
    await page.locator('.graphiql-query-editor .view-line').first().waitFor();
    await steps(page);
  } finally {
    await context.close();
  }
  assert.deepEqual(faults.filter((fault) => !expected.test(fault)), []);
}

const tabs = (page) => page.locator('.graphiql-tabs').getByRole('tab');
const editorText = (page, file) =>
  page.evaluate((file) => __MONACO.editor.getModels().find((m) => m.uri.path.endsWith(file)).getValue(), file);

async function screenshot(page, name) {
  if (!SCREENSHOTS) return;
  // Without the scroll bars that the editor shows below the mouse.
  await page.mouse.move(0, 0);
  await page.locator('.graphiql-query-editor .scrollbar.visible').first().waitFor({ state: 'detached' });
  await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`), animations: 'disabled' });
}

const executeButton = (page) => page.getByRole('button', { name: /^Execute query/ });
const cypherPanel = (page) => page.getByRole('region', { name: 'Cypher' });

/** Waits until GraphiQL has taken note of a new operation's name, as it does a moment later: then it stores the query. */
const operationNoted = (page, operation) =>
  page.waitForFunction(
    (name) => new RegExp(`(query|subscription) ${name}\\b`).test(localStorage.getItem('graphiql:query')), operation);

/** Runs the query, by the execute button unless told otherwise, and returns the answer, once all of it is in the result pane. */
async function execute(page, press = () => executeButton(page).click()) {
  const response = page.waitForResponse((r) => r.url().endsWith('/graphql') && r.request().postDataJSON().operationName !== 'IntrospectionQuery');
  await press();
  const answer = await (await response).json();
  await page.waitForFunction((want) => {
    const value = __MONACO.editor.getModels().find((m) => m.uri.path.endsWith('response.json')).getValue();
    return value && JSON.stringify(JSON.parse(value)) === want;
  }, JSON.stringify(answer));
  return { answer, request: (await response).request() };
}

test('a first visit opens on the questions', () =>
  visit(async (page) => {
    assert.match(await page.title(), /Dossier/);
    assert.equal(await page.locator('html').getAttribute('lang'), 'en');
    assert.equal(questions.length, 5);
    assert.deepEqual(await tabs(page).allInnerTexts(), questions.map(({ operation }) => operation));
    assert.equal((await editorText(page, 'operation.graphql')).trim(), questions[0].source.trim());
    assert.deepEqual(JSON.parse(await editorText(page, 'request-headers.json')), { 'X-Dossier-Explain': 'cypher' });
    assert.ok(await page.getByText('X-Dossier-Explain').isVisible());
  }));

test('the first question is answered, with its Cypher', () =>
  visit(async (page) => {
    const { answer, request } = await execute(page);
    assert.equal((await request.allHeaders())['x-dossier-explain'], 'cypher');
    assert.equal(answer.errors, undefined);
    const result = page.getByRole('region', { name: 'Result Window' });
    await result.getByText(EXPECTED).first().waitFor();
    await screenshot(page, 'answer');

    assert.match(JSON.stringify(answer.extensions.cypher), /MATCH/);
    await page.evaluate(() => {
      const editor = __MONACO.editor.getEditors().find((e) => e.getModel().uri.path.endsWith('response.json'));
      editor.revealLine(editor.getModel().findMatches('"cypher":', false, false, true, null, false).at(-1).range.startLineNumber);
    });
    await result.getByText('"cypher"').waitFor();
    await screenshot(page, 'cypher');
  }));

test('the Cypher panel shows statement and parameters, copies them to run elsewhere, and profiles', () =>
  visit(
    async (page) => {
      await page.getByRole('button', { name: 'Show Cypher' }).click();
      const panel = cypherPanel(page);
      await panel.getByText('Run a query with the header X-Dossier-Explain: cypher').waitFor();

      const { answer } = await execute(page);
      const [{ statement, parameters }] = answer.extensions.cypher;
      await panel.getByRole('heading', { name: 'company' }).waitFor();
      const shown = await panel.locator('pre').innerText();
      assert.match(shown, /^MATCH \(.*\n {2}\S/s);
      assert.equal(shown.trimEnd(), statement);
      const rows = await panel.getByRole('table', { name: 'Parameters' }).getByRole('row').allInnerTexts();
      assert.equal(rows.length, Object.keys(parameters).length);
      assert.ok(rows.includes("$id\t'openai'"), rows.join('\n'));
      await screenshot(page, 'playground');

      await panel.getByRole('button', { name: 'Copy the statement of company' }).click();
      await panel.getByText('Copied').waitFor();
      assert.equal(
        await page.evaluate(() => navigator.clipboard.readText()),
        rows.map((row) => `:param ${row.slice(1).replace('\t', ' => ')};\n`).join('') + `${statement};\n`,
      );

      await panel.getByRole('button', { name: 'Run with profile' }).focus();
      const profiled = await execute(page, () => page.keyboard.press('Enter'));
      const { profile } = profiled.answer.extensions.cypher[0];
      assert.deepEqual(JSON.parse(await editorText(page, 'request-headers.json')), { 'X-Dossier-Explain': 'profile' });
      const table = panel.getByRole('table', { name: 'Profile' });
      await table.waitFor();
      const cells = (await table.getByRole('row').allInnerTexts()).map((row) => row.split('\t'));
      assert.deepEqual(cells, [
        ['Operator', 'DB hits', 'Rows'],
        ['Total', `${profile.dbHits}`, `${profile.rows}`],
        ...profile.operators.map(({ name, dbHits, rows }) => [name, `${dbHits}`, `${rows}`]),
      ]);
      assert.ok(profile.dbHits > 0);
      await table.scrollIntoViewIfNeeded();
      await screenshot(page, 'profile');

      // The button still has the focus, and takes the profile away again.
      assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Run without profile');
      await execute(page, () => page.keyboard.press('Enter'));
      await table.waitFor({ state: 'detached' });

      // The panel goes with the result pane, tab by tab.
      await tabs(page).nth(1).click();
      await panel.getByText('Run a query with the header').waitFor();
      assert.equal(await panel.locator('pre').count(), 0);
      await tabs(page).nth(0).click();
      await panel.getByRole('heading', { name: 'company' }).waitFor();
    },
    { permissions: ['clipboard-read', 'clipboard-write'] },
  ));

test('the Cypher panel says why it is empty', () =>
  visit(async (page) => {
    await page.getByRole('button', { name: 'Show Cypher' }).click();
    const panel = cypherPanel(page);
    const setHeaders = (headers) =>
      page.evaluate((text) => __MONACO.editor.getModels().find((m) => m.uri.path.endsWith('headers.json')).setValue(text), headers);

    await setHeaders('{"x-dossier-explain": "no", "X-Own": "kept"}');
    await execute(page);
    await panel.getByText('Run a query with the header').waitFor();
    await execute(page, () => panel.getByRole('button', { name: 'Run with Cypher' }).click());
    await panel.getByRole('heading', { name: 'company' }).waitFor();
    assert.deepEqual(JSON.parse(await editorText(page, 'headers.json')), { 'X-Own': 'kept', 'X-Dossier-Explain': 'cypher' });

    // Headers that cannot be read stay as they are, and the result pane says what is wrong with them.
    await setHeaders('{"X-Own": }');
    await panel.getByRole('button', { name: 'Run with profile' }).click();
    await page.getByRole('region', { name: 'Result Window' }).getByText('Request headers are invalid JSON').waitFor();
    assert.equal(await editorText(page, 'headers.json'), '{"X-Own": }');

    await setHeaders('{"X-Dossier-Explain": "cypher"}');
    await page.evaluate(() =>
      __MONACO.editor.getModels().find((m) => m.uri.path.endsWith('operation.graphql')).setValue('query Nothing { __typename }'));
    await operationNoted(page, 'Nothing');
    await execute(page);
    await panel.getByText('No statement was run for this answer.').waitFor();

    // A server that does not heed the header, as in production.
    await page.route('**/graphql', (route, request) => {
      const { 'x-dossier-explain': _, ...headers } = request.headers();
      return route.continue({ headers });
    });
    await execute(page);
    await panel.getByText('This server does not show its statements.').waitFor();
  }));

test('mistakes are marked, by workers of our own', () =>
  visit(async (page) => {
    // The GraphQL worker marks an unknown field once it has the schema.
    await page.evaluate(() => {
      const model = __MONACO.editor.getModels().find((m) => m.uri.path.endsWith('operation.graphql'));
      model.setValue('query Typo { people { nodes { nmae } } }');
    });
    await page.waitForFunction(() => __MONACO.editor.getModelMarkers({}).some((m) => m.message.includes('nmae')));
    // The JSON worker marks what is no JSON.
    await page.evaluate(() => __MONACO.editor.getModels().find((m) => m.uri.path.endsWith('headers.json')).setValue('{"a": }'));
    await page.waitForFunction(() => __MONACO.editor.getModelMarkers({}).some((m) => m.resource.path.endsWith('headers.json')));
    // Without its worker, Monaco does the same on the page's own thread.
    const workers = page.workers().map((worker) => new URL(worker.url()).pathname);
    for (const name of ['editor', 'graphql', 'json']) {
      assert.ok(workers.some((path) => path.includes(`/${name}.worker`)), `no ${name} worker among ${workers}`);
    }
  }));

/** Opens an example from the Examples panel, which is shown. */
async function openExample(page, { title, operation }) {
  await page.getByRole('region', { name: 'Examples' }).getByRole('button', { name: title }).click();
  await operationNoted(page, operation);
}

test('the Examples panel opens an example in a new tab, and a later visit finds the tabs again', () =>
  visit(async (page) => {
    await page.getByRole('button', { name: 'Show Examples' }).click();
    const panel = page.getByRole('region', { name: 'Examples' });
    assert.deepEqual(await panel.locator('strong').allTextContents(), examples.map(({ title }) => title));
    const search = example('Search');
    await openExample(page, search);

    const expected = [...questions, search].map(({ operation }) => operation);
    assert.deepEqual(await tabs(page).allInnerTexts(), expected);
    assert.equal(await tabs(page).last().getAttribute('aria-selected'), 'true');
    assert.equal((await editorText(page, 'operation.graphql')).trim(), search.source.trim());
    await screenshot(page, 'examples');
    const { answer } = await execute(page);
    assert.equal(answer.data.search.edges[0].node.name, 'Ilya Sutskever', JSON.stringify(answer));

    await page.waitForFunction(
      (count) => JSON.parse(localStorage.getItem('graphiql:tabState'))?.tabs.length === count, expected.length);
    await page.reload();
    await page.locator('.graphiql-query-editor .view-line').first().waitFor();
    assert.deepEqual(await tabs(page).allInnerTexts(), expected);
    assert.equal((await editorText(page, 'operation.graphql')).trim(), search.source.trim());
  }));

test('every example answers without an error', () =>
  visit(async (page) => {
    await page.getByRole('button', { name: 'Show Examples' }).click();
    for (const each of examples.filter(({ operation }) => operation !== 'Live')) {
      await openExample(page, each);
      const { answer } = await execute(page);
      assert.equal(answer.errors, undefined, `${each.operation}: ${JSON.stringify(answer.errors)}`);
    }
  }));

test('the live example tells the changes after its cursor, then waits until it is stopped', () =>
  visit(async (page) => {
    await page.getByRole('button', { name: 'Show Examples' }).click();
    await openExample(page, example('Live'));
    await executeButton(page).click();
    await page.getByRole('region', { name: 'Result Window' }).getByText('"RECORD_CLAIM"').waitFor();
    await page.getByRole('button', { name: /^Stop query/ }).click();
    await executeButton(page).waitFor();
  }));

/** Has operations of the visitor's wait for ever; the introspection goes through. */
const hold = (page) =>
  page.route('**/graphql', (route) => {
    if (route.request().postDataJSON().operationName === 'IntrospectionQuery') return route.continue();
  });

test('a query that is stopped, or whose tab is left, is ended and answers nowhere', () =>
  visit(async (page) => {
    await hold(page);
    for (const leave of [() => page.getByRole('button', { name: /^Stop query/ }).click(), () => tabs(page).nth(1).click()]) {
      const sent = page.waitForRequest((r) => r.postDataJSON()?.operationName === questions[0].operation);
      await executeButton(page).click();
      const ended = page.waitForEvent('requestfailed', (r) => r.url().endsWith('/graphql'));
      await sent;
      await leave();
      assert.equal((await ended).failure().errorText, 'net::ERR_ABORTED');
      await executeButton(page).waitFor();
      assert.equal(await editorText(page, 'response.json'), '');
    }
  }));

test('a server that is away is told, and its schema is there once it answers', () =>
  visit(
    async (page) => {
      const result = page.getByRole('region', { name: 'Result Window' });
      await executeButton(page).click();
      await result.getByText('start Dossier, then run the query again').waitFor();
      assert.doesNotMatch(await editorText(page, 'response.json'), /stack/);
      await page.unroute('**/graphql');
      await execute(page);
      await page.getByRole('button', { name: 'Show Documentation Explorer' }).click();
      await page.getByRole('region', { name: 'Documentation Explorer' }).getByText('Query', { exact: true }).first().waitFor();
    },
    { before: (page) => page.route('**/graphql', (route) => route.abort('connectionrefused')), expected: /ERR_CONNECTION_REFUSED/ },
  ));

test('a live query whose server is away says so', () =>
  visit(
    async (page) => {
      await page.getByRole('button', { name: 'Show Examples' }).click();
      await openExample(page, example('Live'));
      await executeButton(page).click();
      await page.getByRole('region', { name: 'Result Window' }).getByText('start Dossier, then run the query again (1011: gone)').waitFor();
    },
    { before: (page) => page.routeWebSocket(/graphql/, (socket) => socket.close({ code: 1011, reason: 'gone' })) },
  ));

test('on a telephone the answer stands below the query', () =>
  visit(
    async (page) => {
      await execute(page, () => executeButton(page).tap());
      const box = (selector) => page.locator(selector).boundingBox();
      const [query, answer] = [await box('.graphiql-editors'), await box('.graphiql-response')];
      assert.ok(answer.y >= query.y + query.height && answer.width > 300 && answer.height > 200, JSON.stringify({ query, answer }));
      await page.getByRole('button', { name: 'Show Examples' }).tap();
      await page.getByRole('button', { name: questions[1].title }).waitFor();
      const beside = await box('.graphiql-execute-button');
      assert.ok(beside.x + beside.width <= 375, JSON.stringify(beside));
      await screenshot(page, 'telephone');
    },
    { viewport: { width: 375, height: 700 }, hasTouch: true, isMobile: true },
  ));

test('the editors follow when the system changes its colours', () =>
  visit(
    async (page) => {
      const keyword = page.locator('.graphiql-query-editor .view-line span span').filter({ hasText: /^query$/ }).first();
      const colour = () => keyword.evaluate((e) => getComputedStyle(e).color);
      await keyword.waitFor();
      const light = await colour();
      await page.emulateMedia({ colorScheme: 'dark' });
      await page.waitForFunction(
        (light) => [...document.querySelectorAll('.graphiql-query-editor .view-line span span')].some(
          (e) => e.textContent === 'query' && getComputedStyle(e).color !== light), light);
    },
    { colorScheme: 'light' },
  ));

test('documentation, explorer and history panels', () =>
  visit(async (page) => {
    await page.getByRole('button', { name: 'Show Documentation Explorer' }).click();
    await page.getByRole('region', { name: 'Documentation Explorer' }).getByText('Query', { exact: true }).first().waitFor();
    await screenshot(page, 'documentation');
    await page.getByRole('button', { name: 'Show GraphiQL Explorer' }).click();
    const explorer = page.locator('.graphiql-explorer-root');
    await explorer.getByText('companies').first().waitFor();
    await screenshot(page, 'explorer');
    await explorer.getByText('aliases').first().click();
    await page.waitForFunction(() =>
      __MONACO.editor.getModels().find((m) => m.uri.path.endsWith('operation.graphql')).getValue().includes('aliases'));
    await page.getByRole('button', { name: 'Show History' }).click();
    await page.getByRole('region', { name: 'History' }).waitFor();
  }));

for (const colorScheme of ['light', 'dark']) {
  test(`the page follows the system's ${colorScheme} colours`, () =>
    visit(
      async (page) => {
        const colour = await page.locator('.graphiql-container').evaluate((e) => getComputedStyle(e).backgroundColor);
        const [red, green, blue] = colour.match(/\d+/g).map(Number);
        assert.equal(red + green + blue < 384 ? 'dark' : 'light', colorScheme, colour);
        await page.getByRole('button', { name: 'Show Examples' }).click();
        await screenshot(page, colorScheme);
        await page.getByRole('button', { name: 'Show Cypher' }).click();
        await execute(page, () => cypherPanel(page).getByRole('button', { name: 'Run with Cypher' }).click());
        await cypherPanel(page).locator('pre').waitFor();
        await screenshot(page, `cypher-${colorScheme}`);
      },
      { colorScheme },
    ));
}
