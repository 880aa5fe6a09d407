"""An authority, a broker and a gateway with certificates of it, made by openssl for one test run."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.servers import require

DAYS = "2"


def _openssl(folder: Path, *words: str) -> None:
    subprocess.run([require("openssl"), *words], cwd=folder, check=True, capture_output=True)


def make_authority(folder: Path, name: str) -> None:
    """`<name>.pem` and `<name>.key`, able to sign."""
    _openssl(
        folder, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", DAYS,
        "-subj", f"/CN={name}", "-keyout", f"{name}.key", "-out", f"{name}.pem",
        "-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign,cRLSign",
    )  # fmt: skip


def make_certificate(folder: Path, name: str, authority: str, alternative: str) -> None:
    """`<name>.pem` and `<name>.key`, signed by `authority`, for the names in `alternative` (`IP:…,DNS:…`)."""
    extensions = folder / f"{name}.ext"
    extensions.write_text(f"subjectAltName={alternative}\nauthorityKeyIdentifier=keyid\n")
    _openssl(
        folder, "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
        "-subj", f"/CN={name}", "-keyout", f"{name}.key", "-out", f"{name}.csr",
    )  # fmt: skip
    _openssl(
        folder, "x509", "-req", "-in", f"{name}.csr", "-CA", f"{authority}.pem", "-CAkey", f"{authority}.key",
        "-CAcreateserial", "-days", DAYS, "-extfile", extensions.name, "-out", f"{name}.pem",
    )  # fmt: skip


def lock_key(folder: Path, name: str, locked: str) -> None:
    """`<locked>.key`: the key of `name` with a passphrase."""
    _openssl(folder, "pkcs8", "-topk8", "-in", f"{name}.key", "-out", f"{locked}.key", "-passout", "pass:sesame")
