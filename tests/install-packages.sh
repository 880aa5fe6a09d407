#!/bin/sh
# Installs the real servers and tools that the tests drive. Without root or sudo it only says what is missing:
# the tests that need a missing one are then skipped with that reason.
set -eu
packages="mosquitto mosquitto-clients influxdb nginx-light mbpoll chromium chromium-driver fonts-noto-cjk
 libfaketime nodejs npm gcc libc6-dev libmodbus-dev victoria-metrics postgresql"

missing=""
for package in $packages; do
    case "$package" in
        nodejs) command -v node >/dev/null 2>&1 && continue ;;
        npm) command -v npm >/dev/null 2>&1 && continue ;;
    esac
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
done

if [ -n "$missing" ]; then
    if [ "$(id -u)" = 0 ]; then run=""; elif command -v sudo >/dev/null 2>&1; then run="sudo"; else run="none"; fi
    if [ "$run" = none ]; then
        echo "not root and no sudo: tests that need these Debian packages will be skipped:$missing"
    else
        echo "Installing Debian packages:$missing"
        # A policy that forbids starting services keeps ports free: the tests start their own.
        $run sh -c 'test -e /usr/sbin/policy-rc.d || { printf "#!/bin/sh\nexit 101\n" > /usr/sbin/policy-rc.d; chmod 755 /usr/sbin/policy-rc.d; touch /usr/sbin/policy-rc.d.houqin; }'
        $run apt-get update -qq
        for package in $missing; do
            $run env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$package" >/dev/null \
                || echo "could not install $package: its tests will be skipped"
        done
        $run sh -c 'test -e /usr/sbin/policy-rc.d.houqin && rm -f /usr/sbin/policy-rc.d /usr/sbin/policy-rc.d.houqin || true'
    fi
fi

modules=tests/interop/node_modules
if command -v npm >/dev/null 2>&1 && ! { [ -d $modules/modbus-serial ] && [ -d $modules/aedes ] && [ -d $modules/sparkplug-payload ]; }; then
    (cd tests/interop && npm install --silent --no-audit --no-fund --no-package-lock) \
        || echo "could not install the Node servers: their tests will be skipped"
fi
