"""Signing as RFC 8032 has it, and keys as openssl writes them."""

from __future__ import annotations

import base64

import pytest

from facility.errors import SecretMissing
from gateway.weather.ed25519 import public_key, seed_of_pem, sign

SEED = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"

VECTORS = [
    (
        SEED,
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
        "d25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c"
        "387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc659"
        "4a7c15e9716ed28dc027beceea1ec40a",
    ),
]
"""RFC 8032, section 7.1, tests 1 to 3: seed, public key, message, signature."""


@pytest.mark.parametrize(("seed", "public", "message", "signature"), VECTORS)
def test_signatures_are_those_of_the_specification(seed: str, public: str, message: str, signature: str) -> None:
    assert public_key(bytes.fromhex(seed)).hex() == public
    assert sign(bytes.fromhex(seed), bytes.fromhex(message)).hex() == signature


def pem(held: bytes) -> str:
    return f"-----BEGIN PRIVATE KEY-----\n{base64.b64encode(held).decode()}\n-----END PRIVATE KEY-----\n"


def test_a_private_key_is_read_from_pem() -> None:
    held = bytes.fromhex("302e020100300506032b657004220420") + bytes.fromhex(SEED)
    assert seed_of_pem(pem(held)).hex() == SEED


@pytest.mark.parametrize("text", ["", "nonsense!", pem(b"\0" * 48), pem(b"")])
def test_what_is_no_such_key_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(SecretMissing) as caught:
        seed_of_pem(text)
    assert "nonsense" not in str(caught.value)
