# Sourced by .ci/run: a PostgreSQL and a Redis of our own, under $work, on ports nobody uses; gone when the run ends.
# Exports DATABASE_URL (the owner), APP_DATABASE_URL (the role the system runs as) and CELERY_BROKER_URL.

redis=""

start_servers() {
    echo "=== PostgreSQL and Redis"
    install_servers && start_postgresql && start_redis && echo "PostgreSQL and Redis are up."
}

stop_servers() {
    if [ -n "$redis" ]; then kill "$redis" 2>/dev/null && wait "$redis" 2>/dev/null; fi
    [ -f "$work/postgresql/data/postmaster.pid" ] || return 0
    as_postgres "$(postgresql_bin)/pg_ctl" -D "$work/postgresql/data" -m immediate stop >/dev/null
}

install_servers() {
    postgresql_bin >/dev/null && command -v redis-server >/dev/null && command -v systemd-analyze >/dev/null &&
        [ -x /usr/sbin/pgbouncer ] && [ -x /usr/sbin/slapd ] && return
    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
        echo "PostgreSQL, Redis, PgBouncer, OpenLDAP or systemd-analyze is missing: install the Debian packages postgresql, redis-server, pgbouncer, slapd, systemd." >&2
        return 1
    fi
    # Debian's packages start a server of their own when installed, unless this file forbids it.
    local policy=/usr/sbin/policy-rc.d ours=no status
    if [ ! -e $policy ]; then
        ours=yes
        printf '#!/bin/sh\nexit 101\n' >$policy && chmod +x $policy
    fi
    { timeout 300 apt-get update -qq && DEBIAN_FRONTEND=noninteractive timeout 600 apt-get install -y -qq \
        --no-install-recommends postgresql redis-server pgbouncer slapd systemd; } >"$work/apt.txt" 2>&1
    status=$?
    [ $ours = yes ] && rm -f $policy
    [ $status = 0 ] || tail -20 "$work/apt.txt" >&2
    return $status
}

postgresql_bin() { ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -1 | grep .; }

# PostgreSQL refuses to run as root.
as_postgres() { if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi; }

free_port() { .venv/bin/python -c "import socket; s = socket.socket(); s.bind(('127.0.0.1', 0)); print(s.getsockname()[1])"; }

secret() { .venv/bin/python -c "import secrets; print(secrets.token_hex(16))"; }

wait_for() { # COMMAND...: up to 30 s
    local tries=0
    until "$@" >/dev/null 2>&1; do
        tries=$((tries + 1))
        [ $tries -lt 150 ] || { echo "waited in vain: $1" >&2 && return 1; }
        sleep 0.2
    done
}

start_postgresql() {
    local bin port folder="$work/postgresql" password owner_password app_password
    bin=$(postgresql_bin) port=$(free_port) password=$(secret) owner_password=$(secret) app_password=$(secret)
    mkdir -p "$folder" && echo "$password" >"$folder/password" && chmod 755 "$work"
    if [ "$(id -u)" = 0 ]; then chown -R postgres "$folder"; fi
    as_postgres "$bin/initdb" -D "$folder/data" -U postgres -A scram-sha-256 --pwfile="$folder/password" \
        -E UTF8 --locale=C.UTF-8 >"$folder.initdb" 2>&1 || { cat "$folder.initdb" >&2 && return 1; }
    # Tests need no crash safety: without it they are several times faster. `make faults` asks for it (DURABLE=1). They
    # undo all they write, so that an automatic ANALYZE finds every table empty and has the thousands of rows of a long
    # test read one by one.
    local hasty="-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c autovacuum=off"
    [ -z "${DURABLE:-}" ] || hasty=""
    as_postgres "$bin/pg_ctl" -D "$folder/data" -l "$folder/server.log" -w -t 60 \
        -o "-p $port -h 127.0.0.1 -k $folder $hasty" start >"$folder.start" 2>&1 ||
        { cat "$folder.start" "$folder/server.log" >&2 && return 1; }
    PGPASSWORD=$password "$bin/psql" -q -v ON_ERROR_STOP=1 -h 127.0.0.1 -p "$port" -U postgres <<SQL || return 1
CREATE ROLE shouwen_owner LOGIN CREATEDB CREATEROLE PASSWORD '$owner_password';
CREATE ROLE shouwen_app LOGIN PASSWORD '$app_password';
CREATE DATABASE shouwen OWNER shouwen_owner;
SQL
    export DATABASE_URL="postgres://shouwen_owner:$owner_password@127.0.0.1:$port/shouwen"
    export APP_DATABASE_URL="postgres://shouwen_app:$app_password@127.0.0.1:$port/shouwen"
}

start_redis() {
    local port
    port=$(free_port)
    redis-server --port "$port" --bind 127.0.0.1 --save "" --appendonly no --dir "$work" >"$work/redis.server" 2>&1 &
    redis=$!
    wait_for redis-cli -p "$port" ping || { tail -20 "$work/redis.server" >&2 && return 1; }
    export CELERY_BROKER_URL="redis://127.0.0.1:$port/0"
}
