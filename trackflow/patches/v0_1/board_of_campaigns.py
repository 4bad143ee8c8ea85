"""Sites that have TrackFlow already get the board of campaigns that comes with it now."""

from trackflow.setup import kanban


def execute() -> None:
    kanban.create()
