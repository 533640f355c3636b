import type { CodegenConfig } from '@graphql-codegen/cli';

/** One typed document for each question that the playground shows, with the types of what it takes and answers. */
export default {
  schema: 'schema.graphql', // as `dossier schema` prints it
  documents: '../../web/examples/*.graphql',
  generates: {
    'src/generated.ts': {
      plugins: ['typescript-operations', 'typed-document-node'],
      config: {
        scalars: { ID: 'string', EDTF: 'string', Date: 'string', DateTime: 'string' },
        strictScalars: true, // a new scalar has to be given its type here
        useTypeImports: true,
        namingConvention: 'keep', // as in the schema
      },
    },
  },
} satisfies CodegenConfig;
