#!/bin/sh
# A plugin of keysweep in sh, for a provider with three calls: POST /token answers with a new token, GET /token says whether the
# token that is sent is valid (200 or 401), DELETE /token ends it. docs/plugins.md describes what is said on both sides.
# It needs curl and sed. Secrets never become arguments of a program: printf is built into sh, and curl reads its header from
# standard input.
set -eu

request=$(cat)

# keysweep writes a request on one line, with the fields in the order of docs/plugins.md and the secret first in its object.
# What is taken out here has no quotes and no backslashes in it; whatever has is left empty, and refused below.
field() { printf '%s\n' "$request" | sed -n "s/$1/\\1/p"; }
step=$(field '^{"protocol":1,"step":"\([a-z]*\)".*')
subject=$(field '.*,"subject":"\([a-z]*\)".*')
url=$(field '.*"settings":{[^}]*"url":"\([^"\\]*\)".*')
current=$(field '.*"current":{"secret":"\([^"\\]*\)".*')
pending=$(field '.*"pending":{"secret":"\([^"\\]*\)".*')

fail() { # CODE MESSAGE
    printf '{"ok":false,"message":"%s"}\n' "$2"
    exit "$1"
}

# call METHOD TOKEN sets $status and $body. Without an answer the status is 000.
call() {
    answer=$(printf 'header = "Authorization: Bearer %s"\n' "$2" |
        curl --silent --max-time 20 --request "$1" --write-out '\n%{http_code}' --config - -- "$url/token") || :
    status=${answer##*
}
    body=${answer%
*}
    case $status in
    2??) ;;
    401) ;;
    429 | 5?? | 000 | '') fail 75 "$1 /token: the provider answered ${status:-nothing}: try again" ;;
    *) fail 1 "$1 /token: the provider answered $status" ;;
    esac
}

[ -n "$step" ] || fail 1 'this is not a request of protocol 1'
if [ "$step" = describe ]; then
    printf '%s\n' '{"ok":true,"description":{"protocol":1,"name":"example","about":"tokens of the example provider","phases":"dual",' \
        '"steps":["create","test","revoke"],"settings":[{"name":"url","about":"of the provider","required":true}]}}'
    exit 0
fi
case $url in
https://* | http://127.0.0.1:*) ;;
*) fail 1 'settings: url must begin with https://' ;;
esac
[ -n "$current" ] || fail 1 'there is no current token that this plugin can read'

token=$current
if [ "$subject" = pending ]; then token=$pending; fi

case $step in
create)
    call POST "$current"
    if [ "$status" = 401 ]; then
        printf '%s\n' '{"ok":false,"refused":true,"message":"the provider does not know the current token"}'
        exit 0
    fi
    case $body in
    '' | *[!A-Za-z0-9._-]*) fail 75 'the answer holds no token' ;;
    esac
    printf '{"ok":true,"secret":"%s"}\n' "$body"
    ;;
test)
    call GET "$token"
    if [ "$status" = 401 ]; then
        printf '%s\n' '{"ok":false,"refused":true,"message":"401"}'
    else
        printf '%s\n' '{"ok":true}'
    fi
    ;;
revoke)
    call DELETE "$token" # 401: it is gone already
    printf '%s\n' '{"ok":true}'
    ;;
*) fail 1 "there is no step $step" ;;
esac
