"""The browser's third-party files: npm brings them, this puts the few in use where the pages find them."""

import shutil
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent


def copy_assets() -> None:
    """Fill app/static/vendor anew from node_modules, as assets.toml lists it."""
    vendor = ROOT / "app" / "static" / "vendor"
    shutil.rmtree(vendor, ignore_errors=True)
    for entry in tomllib.loads((ROOT / "assets.toml").read_text(encoding="utf-8"))["copy"]:
        source = ROOT / "node_modules" / entry["from"]
        for pattern in entry["files"]:
            files = list(source.glob(pattern))
            if not files:
                raise SystemExit(f"assets.toml: {entry['from']}/{pattern} matches no file")
            for file in files:
                target = vendor / entry["to"] / file.relative_to(source)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(file, target)


if __name__ == "__main__":
    copy_assets()
