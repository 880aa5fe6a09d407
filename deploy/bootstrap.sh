#!/bin/sh
# Makes .venv with pinned packages. Usage: bootstrap.sh PYTHON REQUIREMENTS
set -eu
python="$1"
requirements="$2"

if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    echo "houqin needs Python 3.11 or newer / 需要 Python 3.11 或更新版本: $python" >&2
    exit 1
fi

install_venv() {
    command="apt-get install -y python3-venv"
    if [ "$(id -u)" = 0 ]; then
        apt-get update -qq && DEBIAN_FRONTEND=noninteractive $command
    elif command -v sudo >/dev/null 2>&1; then
        sudo apt-get update -qq && sudo DEBIAN_FRONTEND=noninteractive $command
    else
        echo "python3-venv is missing; run as root / 缺少 python3-venv,请以 root 运行: $command" >&2
        exit 1
    fi
}

if [ ! -x .venv/bin/python ]; then
    "$python" -c 'import venv, ensurepip' 2>/dev/null || install_venv
    echo "Making .venv / 正在创建 .venv ..."
    "$python" -m venv .venv
fi
echo "Installing packages / 正在安装软件包 ($requirements) ..."
.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r "$requirements"
.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
