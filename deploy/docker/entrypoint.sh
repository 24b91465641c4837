#!/bin/sh
# Takes the NAME=value lines of mounted key files into the environment, then becomes the program: no shell stays
# in front of it, so that SIGTERM reaches it as process 1.
set -eu
for file in /keys/*/*.env; do
  [ -r "$file" ] || continue
  while IFS= read -r line; do export "$line"; done <"$file"
done
exec python -m "$MODULE" "$@"
