import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { defineConfig } from 'vitest/config';

/** Writes a gzip copy beside every built file, so that the server has nothing to compress. */
const gzip = {
  name: 'gzip',
  apply: 'build',
  async writeBundle({ dir }, bundle) {
    for (const [name, file] of Object.entries(bundle)) {
      const content = file.type === 'chunk' ? file.code : file.source;
      await writeFile(join(dir, `${name}.gz`), gzipSync(content, { level: 9 }));
    }
  },
};

export default defineConfig({
  // Relative, so that the page works below any path prefix. The page is served at /playground and
  // its files at /playground/<file>, hence the folder's name.
  base: './',
  build: {
    assetsDir: 'playground',
    target: 'es2022',
    // Dependencies mark files with "use client", which means nothing here.
    rolldownOptions: { checks: { moduleLevelDirective: false } },
    // Monaco alone is larger than the default limit; it is a chunk of its own, loaded after the page shows.
    chunkSizeWarningLimit: 3000,
  },
  // Prettier is a lazy import inside the GraphQL worker, which only module workers can split off.
  worker: { format: 'es' },
  plugins: [gzip],
  // `npm run dev` beside a running Dossier.
  server: { proxy: { '/graphql': 'http://localhost:8080' } },
  test: { include: ['src/**/*.test.ts'] },
});
