#!/bin/sh
# Branch names: feat|fix|docs/issue-{n}-{words}, so that a branch always says which issue it answers.
# Usage: scripts/check-branch.sh [NAME]     (default: the branch checked out here)
# Free of the rule: main, release branches made by changesets, and no branch at all (detached HEAD).
set -eu
name=${1-$(git branch --show-current)}
case $name in
'' | main | changeset-release/*) exit 0 ;;
esac
if printf '%s\n' "$name" | grep -Eqx '(feat|fix|docs)/issue-[1-9][0-9]*-[a-z0-9]+(-[a-z0-9]+)*'; then
  exit 0
fi
cat >&2 <<EOF
branch name "$name" does not say what it is for.
  form:    feat|fix|docs/issue-{number}-{short-description}, lower case, words joined by "-"
  example: feat/issue-9-parquet-writer
  rename:  git branch -m feat/issue-N-words
EOF
exit 1
