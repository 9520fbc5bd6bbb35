#!/usr/bin/env bash
# Keep one comment under a pull request: write it the first time, write over it from then on.
#
# GITHUB_REPOSITORY, NUMBER (of the pull request), COMMENT (a file), AUTHOR (whose comments are ours), GITHUB_TOKEN.
# A comment that cannot be written is said and fails nothing: the token of a fork's pull request may only read.
set -euo pipefail

marker='<!-- qmap-diff -->'
issues="${GITHUB_API_URL:-https://api.github.com}/repos/$GITHUB_REPOSITORY/issues"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

call() {
  # The token goes in by a file: what is on a command line, every process can read.
  curl --silent --show-error --fail-with-body --max-time 30 --retry 2 \
    --config <(printf 'header = "Authorization: Bearer %s"\n' "$GITHUB_TOKEN") \
    --header 'Accept: application/vnd.github+json' --header 'X-GitHub-Api-Version: 2022-11-28' "$@"
}

give_up() {
  echo "::warning title=qmap diff::the comment could not be written ($1); the summary of this run has it"
  exit 0
}

# Prints how many comments a page has, and then the ids of ours. Anybody may write the marker; only its author is us.
find_ours='
import json, os, sys
found = json.load(sys.stdin)
print(len(found))
for each in found:
    if each["user"]["login"] == os.environ["AUTHOR"] and each["body"].startswith(sys.argv[1]):
        print(each["id"])
'
ours=()
for page in $(seq 1 50); do
  call "$issues/$NUMBER/comments?per_page=100&page=$page" > "$work/page" || give_up "reading the comments failed"
  mapfile -t found < <(python3 -c "$find_ours" "$marker" < "$work/page")
  ours+=("${found[@]:1}")
  [ "${found[0]:-0}" = 100 ] || break
done

python3 -c 'import json, sys; json.dump({"body": sys.stdin.read()}, sys.stdout)' < "$COMMENT" > "$work/body"
if [ "${#ours[@]}" -gt 0 ]; then
  call --request PATCH --data-binary "@$work/body" "$issues/comments/${ours[0]}" > /dev/null || give_up "writing over it failed"
  # Two runs at a time may have written one each.
  for other in "${ours[@]:1}"; do
    call --request DELETE "$issues/comments/$other" > /dev/null || give_up "taking away a second one failed"
  done
elif ! grep -qx '### qmap diff: no change' "$COMMENT"; then
  call --request POST --data-binary "@$work/body" "$issues/$NUMBER/comments" > /dev/null || give_up "writing it failed"
fi
