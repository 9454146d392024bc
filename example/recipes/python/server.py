"""A small service, as they are written: one request at a time."""

import os
from http.server import BaseHTTPRequestHandler, HTTPServer


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"ok\n" if self.path == "/health" else b"Python under PM2\n")


# HTTPServer waits for the request of each client that connects: a client that never sends one hangs it.
HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
