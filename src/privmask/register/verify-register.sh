#!/bin/sh
# Is every entry of a privmask register the one that was written? Uses sqlite3 and sha256sum, and nothing of privmask.
# usage: sh verify-register.sh REGISTER     ends with 0: every entry holds, 1: the first that does not is named, 2: could not tell
LC_ALL=C; export LC_ALL
register=$(realpath "$1") && work=$(mktemp -d) && cd "$work" && mkdir body link || exit 2
trap 'rm -rf "$work"' EXIT
ask() { sqlite3 -init /dev/null -batch -readonly "$register" "$1"; }
# Each entry's body, and the text that its own hash is made of, become files; `sums` lists the hashes that the register states.
ask "SELECT body_sha256 || '  body/' || seq || char(10) || entry_hash || '  link/' || seq || substr('', writefile('body/' || seq, body)
     + writefile('link/' || seq, printf('privmask.register.v2%s%d%s%s%s%s%s', x'0a', seq, x'0a', prev_hash, x'0a', body_sha256, x'0a')))
     FROM entry ORDER BY seq" > sums || exit 2
# Entries that do not follow on from the one before, or whose hashes are no hashes.
ask "SELECT n FROM (SELECT *, row_number() OVER w AS n, lag(entry_hash, 1, printf('%064d', 0)) OVER w AS h FROM entry
     WINDOW w AS (ORDER BY seq)) WHERE seq <> n OR prev_hash <> h OR length(CAST(entry_hash || body_sha256 AS BLOB)) <> 128
     OR entry_hash || body_sha256 GLOB '*[^0-9a-f]*'" > first || exit 2
sha256sum --check --strict sums > results 2>&1; all=$?
bad=$({ cat first; sed -n 's|^[a-z]*/\([0-9]*\): FAILED.*|\1|p' results; } | sort -n | head -n 1)
[ -z "$bad" ] || { echo "entry $bad does not hold"; exit 1; }
[ "$all" = 0 ] || [ ! -s sums ] || exit 2
echo "$(ask 'SELECT count(*) FROM entry') entries hold; the hash of the last is $(ask 'SELECT entry_hash FROM entry ORDER BY seq DESC LIMIT 1')"
