"""`python -m dev.story --config FILE`: tell the story on a site, or read it back where it was told before."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import requests

from dev.story import chapters, facts, report
from dev.story.site_client import StoryError


def main(arguments: list[str] | None = None) -> int:
    config = _parser().parse_args(arguments).config
    try:
        site = json.loads(config.read_text())
        told = _tell(chapters.hire(site["url"], site["user"], site["password"], _folder(site)))
    except StoryError as error:
        return _fail(str(error))
    except requests.RequestException as error:
        return _fail(f"The site does not answer: {error}")
    except KeyboardInterrupt:
        return _fail("Interrupted; tell it again and it goes on.", 130)
    except (OSError, ValueError, KeyError) as error:
        return _fail(f"{config} can't be used: {error!r}")
    _write(config.with_name("story.json"), told)
    print(report.text(told, colours=report.wants_colours(sys.stdout)))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m dev.story", description=__doc__)
    parser.add_argument(
        "--config",
        type=Path,
        required=True,
        help="JSON with url, user and password; story.json goes beside it",
    )
    return parser


def _folder(site: dict[str, str]) -> Path | None:
    """The site's own, where it lies on this machine: only then it can be told of the weeks before."""
    folder = Path(site.get("sites_path", ""), site.get("site", ""))
    return folder if (folder / "site_config.json").is_file() else None


def _tell(cast: chapters.Cast) -> facts.Facts:
    if chapters.is_told(cast):
        chapters.prepare(cast)
    else:
        print(f"Telling the story on {cast.manager.url} ...", file=sys.stderr, flush=True)
        chapters.tell(cast)
    return facts.read(cast)


def _write(file: Path, told: facts.Facts) -> None:
    """For programs that go on from here: links to click, documents to look at."""
    known = {
        "links": [link["short_url"] for link in told.links],
        "campaigns": [campaign["name"] for campaign in told.campaigns],
        "visitor": told.visitor["name"],
        "leads": [told.lead["name"], told.lead_by_hand["name"]],
        "deal": told.deal["name"],
    }
    temporary = file.with_name(file.name + ".new")
    temporary.write_text(json.dumps(known, indent=1) + "\n")
    temporary.replace(file)


def _fail(reason: str, code: int = 1) -> int:
    print(f"The story was not told. {reason}", file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
