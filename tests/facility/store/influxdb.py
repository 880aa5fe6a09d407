"""A real InfluxDB 1.x behind nginx, which gives it the write path of newer versions."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from tests.servers import Server, free_port, require

_INFLUXD = """
reporting-disabled = true
bind-address = "127.0.0.1:{rpc}"
[meta]
  dir = "{folder}/meta"
[data]
  dir = "{folder}/data"
  wal-dir = "{folder}/wal"
[http]
  bind-address = "127.0.0.1:{http}"
  log-enabled = false
[monitor]
  store-enabled = false
[logging]
  level = "error"
"""

_NGINX = """
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log stderr error;
events {{ worker_connections 64; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  client_max_body_size 64m;
  server {{
    listen 127.0.0.1:{port};
    location = /api/v2/write {{
      rewrite ^ /write?db=$arg_bucket&precision=$arg_precision? break;
      proxy_pass http://127.0.0.1:{http};
    }}
    location / {{ proxy_pass http://127.0.0.1:{http}; }}
  }}
}}
"""


@contextlib.contextmanager
def influxdb(folder: Path) -> Iterator[str]:
    """Address of a server with no database yet."""
    with influxdb_server(folder) as (url, _):
        yield url


@contextlib.contextmanager
def influxdb_server(folder: Path) -> Iterator[tuple[str, Server]]:
    """The same, with the server behind the proxy, to be stopped and started."""
    influxd, nginx = require("influxd"), require("nginx")
    http, rpc, port = free_port(), free_port(), free_port()
    configuration, proxy = folder / "influxdb.conf", folder / "nginx.conf"
    configuration.write_text(_INFLUXD.format(folder=folder, http=http, rpc=rpc))
    proxy.write_text(_NGINX.format(folder=folder, http=http, port=port))
    servers = (
        Server([influxd, "-config", str(configuration)], http, folder / "influxd.log"),
        Server([nginx, "-p", str(folder), "-c", str(proxy)], port, folder / "nginx.log"),
    )
    with contextlib.ExitStack() as stack:
        for server in servers:
            server.start()
            stack.callback(server.stop)
        yield f"http://127.0.0.1:{port}", servers[0]
