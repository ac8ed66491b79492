#!/bin/sh
# Commit subjects: conventional, imperative, short.
# Usage: scripts/check-subject.sh "feat(event-store): append resolves once journaled"
set -eu
subject=${1-}
case $subject in
'Merge '* | 'Revert '* | 'fixup! '* | 'squash! '* | 'Version Packages'*) exit 0 ;;
esac
types='bench|build|chore|ci|docs|feat|fix|perf|refactor|revert|style|test'
if ! printf '%s\n' "$subject" | grep -Eqx "($types)(\([a-z0-9/, -]+\))?!?: [^ ].*[^. ]"; then
  cat >&2 <<EOF
commit subject "$subject" is not of the form  type(scope): what it does
  types:   $(printf '%s' "$types" | tr '|' ' ')
  example: feat(event-store): append resolves once journaled
EOF
  exit 1
fi
if [ "${#subject}" -gt 100 ]; then
  echo "commit subject is ${#subject} characters long; 100 at most, the why goes into the body" >&2
  exit 1
fi
