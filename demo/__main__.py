"""Run the demo shop: ``python -m demo --port 8001 --assistant http://127.0.0.1:8000``."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from urllib.parse import urlsplit

import uvicorn

from demo.app import create_app


def main() -> None:
    """Parse the command line and serve until stopped."""
    parser = argparse.ArgumentParser(prog="python -m demo", description="Serve the demo shop.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, default=8001, help="port to listen on")
    parser.add_argument(
        "--assistant",
        default="http://127.0.0.1:8000",
        help="origin of the assistant's server, as browsers reach it",
    )
    parser.add_argument(
        "--data", type=Path, default=Path("data"), help="folder with catalog, knowledge and demo"
    )
    parser.add_argument(
        "--secret-env",
        default="FIRSTLINE_IDENTITY_SECRET",
        help="environment variable with the secret that signs who is signed in",
    )
    options = parser.parse_args()
    if not (options.data / "catalog").is_dir():
        parser.error(f"{options.data} has no catalog folder; give the data folder with --data")
    address = urlsplit(options.assistant)
    if address.scheme not in ("http", "https") or not address.netloc:
        parser.error(f"{options.assistant} is no origin; write it like http://127.0.0.1:8000")
    secret = os.environ.get(options.secret_env, "")
    if not secret:
        print(
            f"{options.secret_env} is not set: the assistant will not know who is signed in.",
            file=sys.stderr,
        )
    uvicorn.run(
        create_app(options.data, f"{address.scheme}://{address.netloc}", secret),
        host=options.host,
        port=options.port,
        log_level="warning",
    )


if __name__ == "__main__":
    main()
