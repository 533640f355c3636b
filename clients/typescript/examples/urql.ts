// Who was at OpenAI at some time? With urql, which frameworks have bindings for:
//
//     DOSSIER_URL=http://127.0.0.1:8080 npm run example:urql -- 2016
import { cacheExchange, Client, fetchExchange } from '@urql/core';
import { AtOpenAIDocument } from '@dossier/client';

const { DOSSIER_URL = 'http://127.0.0.1:8080' } = process.env;
const [when = '[2018-01..2018-04]'] = process.argv.slice(2);
const client = new Client({ url: `${DOSSIER_URL}/graphql`, exchanges: [cacheExchange, fetchExchange] });

const { data, error } = await client.query(AtOpenAIDocument, { when });
if (error) console.error(error.message);
for (const { title, holder, validFrom } of data?.company?.roles.nodes ?? []) {
  console.log(`${holder.name}, ${title}, since ${validFrom?.text ?? validFrom?.edtf ?? 'a day that no source tells'}`);
}
for (const { founder } of data?.company?.coFounders.nodes ?? []) {
  console.log(`${founder.name}, co-founder`);
}
for (const { person, reason } of data?.company?.departures.nodes ?? []) {
  console.log(`${person.name}, who may have left then, ${reason}`);
}
