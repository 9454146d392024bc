declare const Bun: {
  serve(options: { port: number; fetch: (request: Request) => Response }): unknown;
};
declare const process: { readonly env: Readonly<Record<string, string | undefined>> };

Bun.serve({
  port: Number(process.env.PORT ?? 3000),
  fetch(request) {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === '/health') return new Response('ok');
    // It has a fault that many APIs have: a computation in the request, which nothing bounds.
    if (pathname === '/primes') return Response.json(primes(Number(searchParams.get('count'))));
    return new Response('Bun under PM2');
  },
});

function primes(count: number): number[] {
  const found: number[] = [];
  for (let n = 2; found.length < count; n += 1) if (found.every((by) => n % by > 0)) found.push(n);
  return found;
}
