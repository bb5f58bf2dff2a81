"""A program that stands on the PATH for a real one, and says how it was run."""

import json
import sys
from pathlib import Path
from typing import Any

STAND_IN = f"""\
#!{sys.executable}
import http.server, json, os, pathlib, sys
pathlib.Path(__file__ + ".json").write_text(json.dumps({{"argv": sys.argv[1:], "env": dict(os.environ)}}))
address = [word.partition("=")[2] for word in sys.argv if word.startswith("--web.listen-address=")]
port = int(address[0].rpartition(":")[2] if address else os.environ["GF_SERVER_HTTP_PORT"])
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path in ("/-/ready", "/api/health") else 404)
        self.end_headers()
        if self.path == "/end":
            os._exit(3)
http.server.HTTPServer(("127.0.0.1", port), Answer).serve_forever()
"""
"""Says how it was run, and answers as the real one does when it is ready."""


def stand_in(program: Path, text: str = STAND_IN) -> Path:
    """Put a program there; return its path."""
    program.parent.mkdir(parents=True, exist_ok=True)
    program.write_text(text)
    program.chmod(0o755)
    return program


def run(program: Path) -> Any:
    """Return how a stand-in was run."""
    return json.loads(Path(f"{program}.json").read_text())
