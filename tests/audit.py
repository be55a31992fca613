"""What the auditor found in a lock, in words: `pip-audit --format json | python -m tests.audit NAME`.

The auditor itself ends well where nobody answered it, so its report is read and not its status.
"""

from __future__ import annotations

import json
import sys
from typing import Any

NONE_KNOWN, KNOWN, NOT_ASKED = range(3)
MOST_NAMED = 5


def verdict(report: str) -> tuple[int, list[str]]:
    """The exit status, and what to say."""
    try:
        dependencies = json.loads(report)["dependencies"]
    except (ValueError, KeyError, TypeError):
        return NOT_ASKED, ["NOT AUDITED: the auditor could not be had, or nobody answered it."]
    known = [line for dependency in dependencies for line in _vulnerabilities(dependency)]
    if known:
        return KNOWN, known
    skipped = [str(dependency["name"]) for dependency in dependencies if "vulns" not in dependency]
    if skipped or not dependencies:
        named = ", ".join(skipped[:MOST_NAMED]) + (", …" if len(skipped) > MOST_NAMED else "")
        return NOT_ASKED, [f"NOT AUDITED: {len(skipped)} of {len(dependencies)} packages ({named})."]
    return NONE_KNOWN, [f"No vulnerability is known in {len(dependencies)} packages."]


def _vulnerabilities(dependency: Any) -> list[str]:
    pin = f"{dependency['name']} {dependency.get('version', '')}"
    return [f"{pin}: {found['id']}, mended in {found['fix_versions']}" for found in dependency.get("vulns", ())]


if __name__ == "__main__":
    status, lines = verdict(sys.stdin.read())
    for line in lines:
        print(f"{sys.argv[1]}: {line}")
    sys.exit(status)
