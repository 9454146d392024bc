import type { Plugin, ViteDevServer } from 'vite';

/**
 * What SvelteKit 2.70 does: it renders the page from modules of the user's, answers an error with a page
 * that says nothing of it, and sends what Vite says to the overlay. `delayMs`: Astro sends that later.
 */
export function renderingFramework({ delayMs = 0 }: { delayMs?: number | undefined }): Plugin {
  return {
    name: 'framework',
    configureServer(server: ViteDevServer) {
      server.middlewares.use((request, response, next) => {
        const isPage = /^(?:text\/html|\*\/\*)$/.test(request.headers.accept ?? '');
        if (request.url !== server.config.base || !isPage) return next();
        const answer = async (): Promise<string> => {
          const module = await server.ssrLoadModule('/src/page.ts').catch((error: Error) => {
            const err = Object.assign({}, error, { message: error.message, stack: '' });
            setTimeout(() => server.ws.send({ type: 'error', err }), delayMs);
            throw error;
          });
          return (module['render'] as () => string)(); // as: the test's own module
        };
        answer().then(
          (html) => response.end(`<html><body>${html}</body></html>`),
          () => {
            response.statusCode = 500;
            response.end('<html><body><h1>500</h1> <p>Internal Error</p></body></html>');
          },
        );
      });
    },
  };
}
