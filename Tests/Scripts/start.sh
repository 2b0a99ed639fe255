# Sourced first by the scripts above: they run in the repository, with REPOT=FILE wherever it was, in nobody's language and time zone.
# shellcheck shell=bash
set -euo pipefail
export LC_ALL=C TZ=UTC
REPOT=$(realpath "${REPOT:?names the repot executable}")
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=Tests/Scripts/common.sh
source Tests/Scripts/common.sh

# A folder in which an ordinary user can run the executable, too.
open_workspace() {
  work=$(mktemp -d)
  chmod 755 "$work"
  cp "$REPOT" "$work/repot"
  user=(setpriv --reuid=65534 --regid=65534 --clear-groups)
}
